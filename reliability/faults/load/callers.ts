import { randomUUID } from 'node:crypto'
import type { Answer, Request } from '../../harness/ask'
import type { ServiceName } from '../../harness/compose-stack'
import { pause } from '../../harness/eventually'
import type { RunningStack } from '../../harness/running-stack'
import type { Journal } from './journal'

const maxMs = 60_000
const firstPauseMs = 50
const maxPauseMs = 1_000

/** Somebody with a key, and the token that was last got with it. */
export interface Bearer {
  apiKey: string
  token: string
}

export interface User extends Bearer {
  id: string
}

interface World {
  stack: RunningStack
  journal: Journal
}

/** Answers once there is an answer that is no fault of the service: the same request again, with the same key. */
export async function askUntilAnswered(
  stack: RunningStack,
  service: ServiceName,
  request: Request,
  onRetry?: () => void,
): Promise<Answer> {
  const deadline = performance.now() + maxMs
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(maxPauseMs, 2 * pauseMs)) {
    const answer = await stack.ask(service, request).catch(() => undefined)
    if (answer && answer.status < 500) return answer
    const last = answer === undefined ? 'no answer' : String(answer.status)
    if (performance.now() > deadline) throw new Error(`${request.path}: not answered in a minute, at last ${last}`)
    onRetry?.()
    await pause(pauseMs)
  }
}

export async function signUp({ stack, journal }: World): Promise<User> {
  const body = { name: 'Ada', email: `${randomUUID()}@example.com` }
  const user = await stack.ask('user-service', { method: 'POST', path: '/users', body })
  mustBe(user, 201)
  journal.add({ kind: 'user', id: user.body.id })
  const { id, apiKey } = user.body
  return { id, ...(await bearer(stack, apiKey)) }
}

export function signUpMany(world: World, count: number): Promise<User[]> {
  return Promise.all(Array.from({ length: count }, () => signUp(world)))
}

export async function signInAdmin(stack: RunningStack): Promise<Bearer> {
  return bearer(stack, await stack.adminKey())
}

async function bearer(stack: RunningStack, apiKey: string): Promise<Bearer> {
  const known = { apiKey, token: '' }
  await renewToken(stack, known)
  return known
}

/** A token lives for 15 minutes. */
export async function renewToken(stack: RunningStack, known: Bearer, onRetry?: () => void): Promise<void> {
  const request = { method: 'POST', path: '/tokens', token: known.apiKey } as const
  const answer = await askUntilAnswered(stack, 'user-service', request, onRetry)
  mustBe(answer, 200)
  known.token = answer.body.accessToken
}

/** Throws where an answer is none of those that the contract has for this. */
export function mustBe({ status, body }: Answer, ...expected: number[]): void {
  if (!expected.includes(status)) throw new Error(`answered ${status}: ${JSON.stringify(body)}`)
}

export function orderRequest({ token }: User, key: string, productId = 'cable', quantity = 1): Request {
  return { method: 'POST', path: '/orders', token, key, body: { items: [{ productId, quantity }] } }
}

/** Records the response to an order, and returns what it said of the order. */
export function acknowledge(
  { journal }: Pick<World, 'journal'>,
  { id: userId }: User,
  { status, body }: Answer,
  key?: string,
): { id: string; status: string } {
  const told =
    status === 402
      ? ({ id: body.orderId, status: 'rejected' } as const)
      : { id: body.id, status: body.status, totalCents: body.totalCents }
  journal.add({ kind: 'order', userId, ...told, ...(key !== undefined && { key }) })
  return told
}
