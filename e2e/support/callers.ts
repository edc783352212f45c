import { randomUUID } from 'node:crypto'
import { compose, ports, type ServiceName } from './stack'
import { eventually } from './eventually'

export interface Request {
  method?: 'GET' | 'POST'
  path: string
  token?: string
  key?: string
  body?: object
}

export interface Answer {
  status: number
  headers: Headers
  body: any // eslint-disable-line @typescript-eslint/no-explicit-any -- what it holds is for the test to check
}

/** Rejects where no answer came whole. */
export async function ask(service: ServiceName, { method = 'GET', path, token, key, body }: Request): Promise<Answer> {
  const response = await fetch(`http://127.0.0.1:${ports[service]}${path}`, {
    method,
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(key && { 'idempotency-key': key }),
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(5_000),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) }
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

export async function signUp(): Promise<User> {
  const body = { name: 'Ada', email: `${randomUUID()}@example.com` }
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
