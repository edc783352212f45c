import { signal } from '@preact/signals-core'
import { NoResponse, type Api, type Reply } from '../api/http'
import { codeIn, Unexpected, type OrderStatus } from '../api/parse'
import { pause, repeat } from '../pause'
import { newId } from '../new-id'
import { Recent } from '../recent'
import { Series } from '../watch/series'
import { Customer } from './customer'
import { noCounts, sum, type Counts } from './journal'
import { outcomeOf, pauseBeforeRetry } from './retry'

export interface Line {
  productId: string
  quantity: number
}

/** An order as the page sees it, from the click on. */
export interface Placed {
  key: string
  customer: Customer
  lines: readonly Line[]
  at: number
  attempts: number
  /** `sending` until a response names its order; `refused` if one says that there is none. */
  status: OrderStatus | 'sending' | 'refused'
  id?: string
  tookMs?: number
  /** Why it is still being sent, or was refused. */
  note?: string
}

const checkEveryMs = 1000
const checkedAtOnce = 4

/** The customers of this page, their orders, and whether the services have what they acknowledged. */
export class Shop {
  readonly placed = new Recent<Placed>(60)
  readonly responses = new Series()
  /** Who orders by hand. */
  readonly me = signal<Customer | undefined>(undefined)
  /** Why the orders cannot be checked; undefined while they can. */
  readonly checkFault = signal<string | undefined>(undefined)
  readonly #customers = new Set<Customer>()
  readonly #checkedAt = new Map<Customer, number>()
  #past: Counts = noCounts
  #pastCredit = { agree: 0, differ: 0 }
  readonly counts = signal(noCounts)
  /** How many customers have as much credit as they should, and how many have not. */
  readonly credit = signal({ agree: 0, differ: 0 })
  /** What the confirmed orders of who orders by hand cost. */
  readonly spentCents = signal(0)
  /** When the oldest unfinished order was acknowledged, in milliseconds since the epoch. */
  readonly oldestUnfinishedAt = signal<number | undefined>(undefined)

  constructor(private readonly api: Api) {}

  start(): () => void {
    return repeat(checkEveryMs, () => this.checkNow())
  }

  /** How many it remembers. */
  get customers(): number {
    return this.#customers.size
  }

  /** Throws NoResponse or Unexpected. */
  async signUp(person: { name: string; email: string }): Promise<Customer> {
    const customer = await Customer.signUp(this.api, person)
    await customer.token()
    this.#customers.add(customer)
    return customer
  }

  /** Places an order, with a key, until a response says what became of it. */
  async order(customer: Customer, lines: readonly Line[]): Promise<void> {
    const key = newId()
    const request = customer.journal.begin()
    this.placed.add({ key, customer, lines, at: Date.now(), attempts: 0, status: 'sending' })
    for (let attempts = 1; ; attempts += 1) {
      this.#update(key, { attempts })
      const reply = await this.#attempt(customer, { key, lines }).catch(asNoResponse)
      const isReply = 'status' in reply
      const pauseMs = pauseBeforeRetry(isReply ? reply : undefined, attempts, Math.random())
      if (pauseMs === undefined && isReply) {
        this.#conclude(customer, request, key, reply)
        return
      }
      this.#update(key, { note: isReply ? (codeIn(reply.body) ?? String(reply.status)) : reply.message })
      await pause(pauseMs ?? 0)
    }
  }

  async cancel({ id, customer, key }: Placed): Promise<void> {
    if (id === undefined) return
    const token = await customer.token()
    const request = customer.journal.begin() // what is being checked meanwhile is out of date
    const path = `/orders/${id}/cancel`
    const reply = await this.api.call({ service: 'order-service', method: 'POST', path, token }).finally(() => {
      customer.journal.refuse(request)
    })
    if (reply.status >= 400) throw new Unexpected(`a cancelled order (${codeIn(reply.body) ?? reply.status})`)
    this.checkFault.value = await this.#check(customer)
    this.#update(key, {})
  }

  async #attempt(customer: Customer, { key, lines }: Pick<Placed, 'key' | 'lines'>): Promise<Reply> {
    const request = {
      service: 'order-service',
      method: 'POST',
      path: '/orders',
      idempotencyKey: key,
      requestId: key,
      body: { items: lines },
    } as const
    const reply = await this.api.call({ ...request, token: await customer.token() })
    this.responses.add(reply.tookMs)
    if (reply.status === 401) customer.forgetToken() // the next attempt has a new one
    outcomeOf(reply) // throws if it cannot be read: then nothing is known
    return reply
  }

  #conclude({ journal }: Customer, request: number, key: string, reply: Reply): void {
    const outcome = outcomeOf(reply)
    const { tookMs } = reply
    if (outcome) {
      journal.acknowledge(request, outcome)
      this.#update(key, { ...outcome, tookMs })
    } else {
      journal.refuse(request)
      this.#update(key, { status: 'refused', tookMs, note: codeIn(reply.body) ?? String(reply.status) })
    }
  }

  #update(key: string, change: Partial<Placed>): void {
    this.placed.update((placed) => (placed.key === key ? { ...placed, ...change } : placed))
    this.#sumUp()
  }

  /** Checks some customers, longest unchecked first, and forgets those that are done. */
  async checkNow(): Promise<void> {
    const due = [...this.#customers]
      .filter((customer) => !customer.isChecked || customer === this.me.value)
      .sort((a, b) => (this.#checkedAt.get(a) ?? 0) - (this.#checkedAt.get(b) ?? 0))
      .slice(0, checkedAtOnce)
    const faults: (string | undefined)[] = []
    for (const customer of due) faults.push(await this.#check(customer))
    this.checkFault.value = faults.find((fault) => fault !== undefined)
    const shown = new Set(this.placed.items.map(({ customer }) => customer))
    for (const customer of this.#customers)
      if (customer.isDismissed && customer.isChecked && !shown.has(customer)) this.#forget(customer)
  }

  /** Returns why it could not be checked. */
  async #check(customer: Customer): Promise<string | undefined> {
    this.#checkedAt.set(customer, Date.now())
    const fault = await customer.check().then(
      () => undefined,
      (error: unknown) => asNoResponse(error).message,
    )
    this.placed.update((placed) => {
      const status = placed.id === undefined ? undefined : placed.customer.journal.statusOf(placed.id)
      return status === undefined || status === placed.status ? placed : { ...placed, status }
    })
    this.#sumUp()
    return fault
  }

  #sumUp(): void {
    const customers = [...this.#customers]
    this.counts.value = sum([this.#past, ...customers.map(({ journal }) => journal.counts)])
    const { agree, differ } = this.#pastCredit
    this.credit.value = {
      agree: agree + customers.filter(({ creditAgrees }) => creditAgrees === true).length,
      differ: differ + customers.filter(({ creditAgrees }) => creditAgrees === false).length,
    }
    this.spentCents.value = this.me.value?.journal.confirmedCents ?? 0
    const oldest = Math.min(...customers.map(({ journal }) => journal.oldestUnfinishedAt ?? Infinity))
    this.oldestUnfinishedAt.value = Number.isFinite(oldest) ? oldest : undefined
  }

  #forget(customer: Customer): void {
    this.#customers.delete(customer)
    this.#checkedAt.delete(customer)
    this.#past = sum([this.#past, customer.journal.counts])
    this.#pastCredit[customer.creditAgrees === true ? 'agree' : 'differ'] += 1
  }
}

/** Any other error is a fault of this page. */
function asNoResponse(error: unknown): NoResponse | Unexpected {
  if (error instanceof NoResponse || error instanceof Unexpected) return error
  throw error
}
