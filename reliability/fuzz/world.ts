import { randomUUID } from 'node:crypto'
import { askAt, type Request } from '../harness/ask'
import { serviceToken, signingKeyOf } from '../harness/stored-keys'
import type { Tandem } from '../harness/tandem'

export interface User {
  id: string
  apiKey: string
  token: string
}

const tokenLifeMs = 4 * 60_000 // those of a service live for five minutes

/** Users, orders and tokens with which requests are valid; what a request deleted is made again. */
export class World {
  readonly users: User[] = []
  readonly #orderIds = new Map<string, string>()
  products: string[] = []
  admin = ''
  service = ''
  #renewAt = 0

  constructor(private readonly tandem: Tandem) {}

  get isBehindGateway(): boolean {
    return this.tandem.size !== 'processes'
  }

  async prepare(): Promise<void> {
    if (performance.now() > this.#renewAt) await this.#renew()
    while (this.users.length < 8) this.users.push(await this.#signUp())
    for (const user of this.users) if (!this.#orderIds.has(user.id)) await this.#order(user)
  }

  orderOf({ id }: User): string {
    return this.#orderIds.get(id) ?? id
  }

  forget(userId: string): void {
    const at = this.users.findIndex(({ id }) => id === userId)
    if (at !== -1) this.users.splice(at, 1)
    this.#orderIds.delete(userId)
  }

  async #renew(): Promise<void> {
    this.#renewAt = performance.now() + tokenLifeMs
    this.admin = (await this.#token(this.tandem.adminKey)) ?? this.admin
    for (const user of this.users) user.token = (await this.#token(user.apiKey)) ?? user.token
    this.service = await serviceToken(await signingKeyOf(this.tandem, 'order-service'))
    const listed = await this.#orders({ path: '/products?limit=8' })
    this.products = (listed.body as { id: string }[]).map(({ id }) => id)
  }

  /** Undefined if the key was just replaced. */
  async #token(apiKey: string): Promise<string | undefined> {
    const answer = await this.#users({ method: 'POST', path: '/tokens', token: apiKey })
    return (answer.body as { accessToken?: string }).accessToken
  }

  async #signUp(): Promise<User> {
    const body = { name: 'Ada', email: `${randomUUID()}@example.com` }
    const made = await this.#users({ method: 'POST', path: '/users', body })
    const { id, apiKey } = made.body as User
    return { id, apiKey, token: (await this.#token(apiKey)) ?? '' }
  }

  readonly #users = (request: Request) => askAt(this.tandem.at['user-service'], request)
  readonly #orders = (request: Request) => askAt(this.tandem.at['order-service'], request)

  async #order(user: User): Promise<void> {
    const items = [{ productId: this.products[0], quantity: 1 }]
    const given = { method: 'POST', path: '/orders', token: user.token, body: { items } } as const
    const answer = await this.#orders(given)
    const { id, orderId } = answer.body as { id?: string; orderId?: string } // a rejected order is kept too
    this.#orderIds.set(user.id, id ?? orderId ?? user.id)
  }
}
