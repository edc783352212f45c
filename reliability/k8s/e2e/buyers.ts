import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { askPort, type Answer, type Request } from '../../harness/ask'

/** Clients who order one thing after the other, with a key for each order, which a repeated request keeps. */
export class Buyers {
  acknowledged = 0
  repeated = 0
  readonly unexpected = new Set<number>()
  #over = false
  #buying: Promise<unknown> | undefined

  constructor(private readonly port: number) {}

  start(count: number): void {
    this.#buying = Promise.all(Array.from({ length: count }, () => this.#buy()))
  }

  async stop(): Promise<void> {
    this.#over = true
    await this.#buying
  }

  async #buy(): Promise<void> {
    while (!this.#over) {
      const body = { name: 'Ada', email: `${randomUUID()}@example.com` }
      const user = (await this.#ask({ method: 'POST', path: '/user-service/users', body })).body as { apiKey: string }
      const tokens = await this.#ask({ method: 'POST', path: '/user-service/tokens', token: user.apiKey })
      await this.#order((tokens.body as { accessToken: string }).accessToken)
    }
  }

  /** Until the credit is used up or the token expires. */
  async #order(token: string): Promise<void> {
    const body = { items: [{ productId: 'cable', quantity: 1 }] }
    while (!this.#over) {
      const order = { method: 'POST', path: '/order-service/orders', token, key: randomUUID(), body } as const
      const { status } = await this.#ask(order, 401, 402)
      if (status >= 400) return
      this.acknowledged += 1
      await pause(200)
    }
  }

  /** Repeats a request that got no response, a 429 or a 503, as a client should. */
  async #ask(request: Request, ...expected: number[]): Promise<Answer> {
    for (;;) {
      const answer = await askPort(this.port, request).catch(() => undefined)
      if (answer && (answer.status < 300 || expected.includes(answer.status))) return answer
      if (answer && ![409, 429, 503].includes(answer.status)) this.unexpected.add(answer.status)
      this.repeated += 1
      await pause(answer?.status === 429 ? 5000 : 250)
    }
  }
}
