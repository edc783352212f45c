import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { askPort, type Answer } from '../harness/ask'

const everyMs = 100
const maxOpen = 40

interface Options {
  users: number
  orders: number
  adminKeyFile: string
}

/** Those who use the services, at their ports. */
export class Callers {
  readonly #open = new Set<Promise<unknown>>()
  #timer: NodeJS.Timeout | undefined

  constructor(private readonly options: Options) {}

  /** Signs somebody up who orders a keyboard ten times a second from now on, and looks at each order. */
  async start(): Promise<void> {
    const { apiKey } = (await this.signUp()).body as { apiKey: string }
    const token = await this.#token(apiKey)
    this.#timer = setInterval(() => {
      if (this.#open.size < maxOpen) this.#track(this.#order(token))
    }, everyMs)
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await Promise.all(this.#open)
  }

  signUp(): Promise<Answer> {
    const body = { name: 'Ada', email: `${randomUUID()}@example.com` }
    return askPort(this.options.users, { method: 'POST', path: '/users', body })
  }

  /** Asks for orders at once, as often as it says; nobody waits for the responses. */
  flood(requests: number): void {
    for (let n = 0; n < requests; n++) this.#track(askPort(this.options.orders, { path: '/orders', token: 'none' }))
  }

  async retryParked(): Promise<void> {
    const token = await this.#token(readFileSync(this.options.adminKeyFile, 'utf8').trim())
    const parked = await askPort(this.options.orders, { path: '/parked-events', token })
    for (const { id } of parked.body as { id: string }[])
      await askPort(this.options.orders, { method: 'POST', path: `/parked-events/${id}/retry`, token })
  }

  /** Asks for tokens until that is too often. */
  async exceedRateLimit(): Promise<void> {
    for (let n = 0; n < 1_000; n++) {
      const { status } = await askPort(this.options.users, { method: 'POST', path: '/tokens' })
      if (status === 429) return
    }
    throw new Error('there is no rate limit')
  }

  async #order(token: string): Promise<void> {
    const body = { items: [{ productId: 'keyboard', quantity: 1 }] }
    const { orders } = this.options
    const placed = await askPort(orders, { method: 'POST', path: '/orders', token, body })
    const { id } = placed.body as { id?: string } // or a problem
    if (id !== undefined) await askPort(orders, { path: `/orders/${id}`, token })
  }

  async #token(apiKey: string): Promise<string> {
    const exchanged = await askPort(this.options.users, { method: 'POST', path: '/tokens', token: apiKey })
    return (exchanged.body as { accessToken: string }).accessToken
  }

  /** What they are told does not matter here. */
  #track(request: Promise<unknown>): void {
    const ended: Promise<unknown> = request
      .catch(() => undefined)
      .finally(() => {
        this.#open.delete(ended)
      })
    this.#open.add(ended)
  }
}
