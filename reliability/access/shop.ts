import { randomUUID } from 'node:crypto'
import { askAt } from '../harness/ask'
import type { Operation } from '../harness/operations'
import type { Tandem } from '../harness/tandem'

export interface User {
  id: string
  apiKey: string
  token: string
  orderId: string
}

export interface Asked {
  path: string
  headers: Record<string, string>
  body: string | undefined
}

/** Makes users with an order each, and requests that are right in all but their caller. */
export class Shop {
  constructor(private readonly tandem: Pick<Tandem, 'at'>) {}

  async token(apiKey: string): Promise<string> {
    const answer = await askAt(this.tandem.at['user-service'], { method: 'POST', path: '/tokens', token: apiKey })
    return (answer.body as { accessToken: string }).accessToken
  }

  async user(): Promise<User> {
    const { 'user-service': users, 'order-service': orders } = this.tandem.at
    const body = { name: 'Ada', email: `${randomUUID()}@example.com` }
    const made = await askAt(users, { method: 'POST', path: '/users', body })
    const { id, apiKey } = made.body as { id: string; apiKey: string }
    const token = await this.token(apiKey)
    const items = [{ productId: 'mouse', quantity: 1 }]
    const order = await askAt(orders, { method: 'POST', path: '/orders', token, body: { items } })
    return { id, apiKey, token, orderId: (order.body as { id: string }).id }
  }
}

const bodies: Readonly<Record<string, (userId: string) => object>> = {
  'post /users': () => ({ name: 'Bob', email: `${randomUUID()}@example.com` }),
  'patch /users/{id}': () => ({ name: 'Bob' }),
  'post /users/{id}/deposits': () => ({ amountCents: 100 }),
  'put /users/{id}/holds/{orderId}': () => ({ amountCents: 100 }),
  'post /holds': (userId) => ({ holds: [{ orderId: randomUUID(), userId, amountCents: 100 }] }),
  'put /products/{id}': () => ({ name: 'Mouse', priceCents: 2499 }),
  'post /orders': (userId) => ({ userId, items: [{ productId: 'mouse', quantity: 1 }] }),
  'put /faults': () => ({}),
}
const queries: Readonly<Record<string, (userId: string) => string>> = {
  'get /log-lines': () => '?about=a-request',
  'get /orders': (userId) => `?userId=${userId}`,
}

/** For what belongs to the user. `id` replaces the one in the path. */
export function requestFor({ name, path, body }: Operation, user: Pick<User, 'id' | 'orderId'>, id?: string): Asked {
  const own = path.startsWith('/users') ? user.id : path.startsWith('/products') ? 'mouse' : user.orderId
  const ids: Record<string, string> = { id: id ?? own, orderId: randomUUID(), code: 'forbidden' }
  const made = body && bodies[name]
  if (body && !made) throw new Error(`shop.ts has no body for ${name}`)
  return {
    path: path.replace(/{(\w+)}/g, (_, key: string) => ids[key] ?? '') + (queries[name]?.(user.id) ?? ''),
    headers: {
      ...(made && { 'content-type': 'application/json' }),
      ...(name.endsWith('/deposits') && { 'idempotency-key': randomUUID() }),
    },
    body: made && JSON.stringify(made(user.id)),
  }
}
