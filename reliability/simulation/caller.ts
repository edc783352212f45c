import type { Acknowledgement } from '../audit/journal'
import type { SimulatedAnswer, SimulatedRequest } from './dispatch'
import type { Network } from './network'
import type { Service } from './service'
import type { Act, Step } from './story'
import type { World } from './world'

const patienceMs = 4_000
const maxTries = 60
const admin = { id: 'admin', scopes: ['admin'] }

interface Deps {
  world: World
  network: Network
  users: Service
  orders: Service
  journal: Acknowledgement[]
}

type OrderAct = Extract<Act, { kind: 'order' }>
type OrderStatus = Extract<Acknowledgement, { kind: 'order' }>['status']

/** A user who signs up, orders, cancels, and retries until there is a response. */
export class Caller {
  #userId = ''
  #sent = 0
  #isLeaving = false
  readonly #orderIds: string[] = []

  constructor(
    private readonly deps: Deps,
    private readonly name: string,
  ) {}

  async live(steps: readonly Step[]): Promise<void> {
    await this.#signUp()
    const begun: Promise<void>[] = []
    for (const { pause, wait, act } of steps) {
      await this.deps.world.pause(pause)
      const done = this.#do(act)
      done.catch(() => undefined) // the end of this has it
      begun.push(done)
      if (wait) await done
    }
    await Promise.all(begun)
  }

  async #signUp(): Promise<void> {
    let answer: SimulatedAnswer | undefined
    while (answer?.status !== 201) {
      const body = { name: this.name, email: `${this.name}-${(this.#sent += 1)}@example.com` }
      answer = await this.#once(this.deps.users, { method: 'POST', path: '/users', body })
      if (answer === undefined) await this.deps.world.pause(200) // it may have been made: then it is nobody's
    }
    this.#userId = (answer.body as { id: string }).id
    this.deps.journal.push({ kind: 'user', id: this.#userId })
  }

  async #do(act: Act): Promise<void> {
    switch (act.kind) {
      case 'order':
        return this.#orders(act)
      case 'cancel':
        return this.#cancel(act.which)
      case 'deposit':
        return this.#deposit(act.amountCents)
      case 'rename':
        return this.#rename()
      case 'delete':
        return this.#delete()
    }
  }

  async #orders(act: OrderAct): Promise<void> {
    const others = Array.from({ length: act.beside }, () => this.#order({ ...act, twice: false, regretted: false }))
    await Promise.all([this.#order(act), ...others])
  }

  async #order({ productId, quantity, twice, regretted }: OrderAct): Promise<void> {
    const key = `${this.name}-order-${(this.#sent += 1)}`
    const body = { items: [{ productId, quantity }] }
    const request = { method: 'POST', path: '/orders', headers: { 'idempotency-key': key }, body }
    const answers = [this.#untilAnswered(this.deps.orders, request)]
    if (twice) answers.push(this.#untilAnswered(this.deps.orders, request))
    for (const answer of await Promise.all(answers)) this.#noteOrder(answer, key)
    if (regretted) await this.#cancel(0)
  }

  #noteOrder({ status, body }: SimulatedAnswer, key?: string): void {
    const { id, orderId, ...order } = body as {
      id?: string
      orderId?: string
      totalCents?: number
      status?: OrderStatus
    }
    const told = id ?? orderId
    if (told === undefined) throw new Error(`an order got status ${status} ${JSON.stringify(body)}`)
    if (!this.#orderIds.includes(told)) this.#orderIds.push(told)
    this.deps.journal.push({
      kind: 'order',
      id: told,
      userId: this.#userId,
      status: id === undefined || order.status === undefined ? 'rejected' : order.status,
      ...(id !== undefined && order.totalCents !== undefined && { totalCents: order.totalCents }),
      ...(key !== undefined && { key }),
    })
  }

  async #cancel(which: number): Promise<void> {
    const orderId = this.#orderIds.at(-1 - (which % Math.max(1, this.#orderIds.length)))
    if (orderId === undefined) return
    const answer = await this.#untilAnswered(this.deps.orders, { method: 'POST', path: `/orders/${orderId}/cancel` })
    if (answer.status < 300) this.#noteOrder(answer)
    else if (answer.status !== 409) throw new Error(`a cancel was answered ${answer.status}`)
    else this.deps.journal.push({ kind: 'order', id: orderId, userId: this.#userId, status: 'rejected' })
  }

  async #deposit(amountCents: number): Promise<void> {
    const key = `${this.name}-deposit-${(this.#sent += 1)}`
    const answer = await this.#untilAnswered(this.deps.users, {
      method: 'POST',
      path: `/users/${this.#userId}/deposits`,
      headers: { 'idempotency-key': key },
      body: { amountCents },
      caller: admin,
    })
    if (this.#isGone(answer)) return
    const { id } = answer.body as { id: string }
    this.deps.journal.push({ kind: 'deposit', id, userId: this.#userId, amountCents })
  }

  async #rename(): Promise<void> {
    const name = `${this.name} ${(this.#sent += 1)}`
    const path = `/users/${this.#userId}`
    const answer = await this.#untilAnswered(this.deps.users, { method: 'PATCH', path, body: { name } })
    if (this.#isGone(answer)) return
    const { version } = answer.body as { version: number }
    this.deps.journal.push({ kind: 'rename', userId: this.#userId, version, name })
  }

  async #delete(): Promise<void> {
    this.#isLeaving = true
    const answer = await this.#untilAnswered(this.deps.users, { method: 'DELETE', path: `/users/${this.#userId}` })
    if (!this.#isGone(answer)) this.deps.journal.push({ kind: 'deletion', userId: this.#userId })
  }

  /** Whether it was answered that there is no such user, which is right of one who asked to be deleted. */
  #isGone({ status, body }: SimulatedAnswer): boolean {
    if (status === 404 && this.#isLeaving) return true
    if (status < 300) return false
    throw new Error(`${this.name} got status ${status} ${JSON.stringify(body)}`)
  }

  /** The same request again, until there is an answer that is no fault of the service. */
  async #untilAnswered(service: Service, request: Partial<SimulatedRequest>): Promise<SimulatedAnswer> {
    for (let tries = 0; tries < maxTries; tries++) {
      const answer = await this.#once(service, request)
      if (answer) return answer
      await this.deps.world.pause(100 + this.deps.world.random() * 900)
    }
    throw new Error(`${request.method} ${request.path} was never answered`)
  }

  #once(service: Service, request: Partial<SimulatedRequest>): Promise<SimulatedAnswer | undefined> {
    const { world, network } = this.deps
    const caller = { id: this.#userId, scopes: ['user'] }
    const whole = { method: 'GET', path: '/', headers: {}, caller, ...request }
    return new Promise((resolve) => {
      world.after(patienceMs, () => {
        resolve(undefined)
      })
      void network.send(this.name, service, whole).then((answer) => {
        const heard = answer === 'refused' || answer === 'reset' || answer.status >= 500 ? undefined : answer
        resolve(heard)
      })
    })
  }
}
