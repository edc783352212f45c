import { randomUUID } from 'node:crypto'
import { askPort, type Answer, type Request } from './ask'
import { eventually } from './eventually'
import { compose, ports, type ServiceName } from './stack'

export type { Answer, Request }

/** Rejects if no complete response arrives. */
export function ask(service: ServiceName, request: Request): Promise<Answer> {
  return askPort(ports[service], request)
}

/** What a careful caller does: the same request again, until there is an answer that is not a fault of the service. */
export function askUntilAnswered(service: ServiceName, request: Request): Promise<Answer> {
  return eventually(30_000, `${request.method ?? 'GET'} ${request.path} answered`, async () => {
    const answer = await ask(service, request).catch(() => undefined)
    return answer && answer.status < 500 ? answer : undefined
  })
}

export interface User {
  id: string
  token: string
}

export async function signUp(name = 'Ada'): Promise<User> {
  const body = { name, email: `${randomUUID()}@example.com` }
  const user = await ask('user-service', { method: 'POST', path: '/users', body })
  expect(user.status).toBe(201)
  return { id: user.body.id, token: await tokenFor(user.body.apiKey) }
}

export async function adminToken(): Promise<string> {
  return tokenFor((await compose('exec', '-T', 'user-service', 'cat', '/data/admin-key')).trim())
}

async function tokenFor(apiKey: string): Promise<string> {
  const answer = await ask('user-service', { method: 'POST', path: '/tokens', token: apiKey })
  expect(answer.status).toBe(200)
  return answer.body.accessToken
}

export function oneKeyboard({ token }: User, key: string): Request {
  return { method: 'POST', path: '/orders', token, key, body: { items: [{ productId: 'keyboard', quantity: 1 }] } }
}

export async function creditOf({ id, token }: User): Promise<number> {
  return (await ask('user-service', { path: `/users/${id}`, token })).body.creditCents
}

/** Polls an order until it has the status. */
export function orderBecomes(status: string, orderId: string, { token }: User): Promise<Answer> {
  return eventually(30_000, `the order ${orderId} is ${status}`, async () => {
    const order = await ask('order-service', { path: `/orders/${orderId}`, token })
    return order.body.status === status ? order : undefined
  })
}
