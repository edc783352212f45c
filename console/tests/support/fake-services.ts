import type { Order } from '../../src/api/parse'

export interface Lies {
  /** Whether an acknowledged order is forgotten. */
  loses?: (order: number) => boolean
  /** Whether a second order is stored for the same request. */
  doubles?: (order: number) => boolean
  /** How much more credit an order takes than it costs. */
  overcharges?: number
  /** Whether the response to a request for an order is lost, by how many requests there were before. */
  dropsResponse?: (request: number) => boolean
  /** Whether the response to one is nonsense, as from something in between. */
  garblesResponse?: (request: number) => boolean
  /** Whether orders can not be listed. */
  listsNothing?: boolean
}

const startCents = 10_000
const priceCents = 1299

/** Both services, as far as the console needs them, in memory; they may lie about orders. */
export class FakeServices {
  readonly orders: (Order & { userId: string })[] = []
  readonly byKey = new Map<string, Order>()
  requests = 0
  #spent = new Map<string, number>()
  #users = 0

  constructor(private readonly lies: Lies = {}) {}

  readonly fetch = async (url: unknown, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers)
    const { status, body } = this.respond({
      method: init.method ?? 'GET',
      path: String(url),
      token: (headers.get('Authorization') ?? '').replace('Bearer ', ''),
      key: headers.get('Idempotency-Key') ?? '',
    })
    if (status === 0) throw new TypeError('Failed to fetch')
    return new Response(JSON.stringify(body), { status })
  }

  /** A status of 0: the connection breaks. A token is the user's id. */
  respond({ method, path, token, key }: { method: string; path: string; token: string; key: string }): {
    status: number
    body: unknown
  } {
    const [resource] = path.split('?')
    switch (`${method} ${resource}`) {
      case 'POST /user-service/users': {
        const id = `user-${(this.#users += 1)}`
        return { status: 201, body: { id, name: 'Ada', apiKey: id, creditCents: startCents } }
      }
      case 'POST /user-service/tokens':
        return { status: 200, body: { accessToken: token, expiresIn: 900 } }
      case 'GET /order-service/products':
        return { status: 200, body: [{ id: 'cable', name: 'Cable', priceCents }] }
      case 'POST /order-service/orders':
        return this.#place(token, key)
      case 'GET /order-service/orders':
        if (this.lies.listsNothing) return { status: 500, body: { code: 'internal' } }
        return { status: 200, body: this.orders.filter(({ userId }) => userId === token).toReversed() }
      case `GET /user-service/users/${token}`:
        return { status: 200, body: { creditCents: startCents - (this.#spent.get(token) ?? 0) } }
      case 'GET /user-service/health':
      case 'GET /order-service/health':
        return { status: 200, body: { status: 'ok', version: '0.1.0', checks: { database: 'ok' } } }
      default:
        return { status: 401, body: { code: 'unauthenticated' } }
    }
  }

  #place(userId: string, key: string) {
    const { loses, doubles, overcharges = 0, dropsResponse, garblesResponse } = this.lies
    this.requests += 1
    const known = this.byKey.get(key)
    const order = known ?? this.#order()
    if (!known) {
      this.byKey.set(key, order)
      if (!loses?.(this.byKey.size)) this.orders.push({ ...order, userId })
      if (doubles?.(this.byKey.size)) this.orders.push({ ...this.#order(), userId })
      this.#spent.set(userId, (this.#spent.get(userId) ?? 0) + priceCents + overcharges)
    }
    if (garblesResponse?.(this.requests)) return { status: 200, body: 'hello' }
    return { status: dropsResponse?.(this.requests) ? 0 : 201, body: order }
  }

  #order(): Order {
    const items = [{ productId: 'cable', quantity: 1 }]
    const [id, createdAt] = [crypto.randomUUID(), new Date().toISOString()]
    return { id, status: 'confirmed', reason: null, totalCents: priceCents, createdAt, items }
  }
}
