import {
  NoResponse,
  type IncomingResponse,
  type OutgoingRequest,
  type Transport,
} from '@tandem/chassis/upstream/transport'
import type { Transaction } from '@tandem/chassis/database/database'
import { realSystem } from '@tandem/chassis/system'
import { eventually } from '../../../chassis/testing/temporary'
import { VirtualSystem } from '../../../chassis/testing/virtual-system'
import { keyboard, storedOrders, testOrders, type TestOrders } from './order-app'

export type Script = (request: OutgoingRequest) => IncomingResponse | NoResponse

/** A user-service that answers at once, or not at all, as the test says; time is virtual. */
export function scripted(script: Script): {
  transport: Transport
  asked: OutgoingRequest[]
  answerWith: (next: Script) => void
} {
  const asked: OutgoingRequest[] = []
  let current = script
  const send = async (request: OutgoingRequest) => {
    asked.push(request)
    const answer = current(request)
    if (answer instanceof NoResponse) throw answer
    return answer
  }
  return {
    asked,
    transport: { send, close: () => undefined },
    answerWith: (next) => {
      current = next
    },
  }
}

export const refusal: Script = () => new NoResponse('ECONNREFUSED')

export const held: Script = ({ method, path, body }) => {
  if (method === 'DELETE') return { status: 204, headers: {}, body: '' }
  const [, , userId, , orderId] = path.split('/')
  return { status: 201, headers: {}, body: JSON.stringify({ orderId, userId, ...JSON.parse(body ?? '') }) }
}

/** Orders that are pending because nobody answered. */
export async function pendingOrders(count: number, options: { pendingTimeoutMs?: number } = {}) {
  const system = new VirtualSystem()
  const upstream = scripted(refusal)
  const orders = await testOrders({ system, transport: upstream.transport, ...options })
  for (let i = 0; i < count; i++) await place(orders, system)
  upstream.asked.length = 0
  return { system, orders, ...upstream }
}

export async function place(orders: TestOrders, system: VirtualSystem): Promise<void> {
  const { status } = await whilePassing(system, (await orders.as(realSystem.newId())).post('/orders', keyboard))
  expect(status).toBe(202)
}

/** An answer that needs virtual time to pass until it comes. */
export async function whilePassing<T>(system: VirtualSystem, answer: PromiseLike<T>): Promise<T> {
  let came: { answer: T } | undefined
  void answer.then((it) => (came = { answer: it }))
  const { answer: got } = await eventually(async () => {
    await system.pass(10)
    return came
  })
  return got
}

/** An order that has been due for long. */
export async function insertPending(tx: Transaction, system: VirtualSystem): Promise<void> {
  await tx.run(
    `INSERT INTO orders (id, user_id, items, total_cents, status, created_at, updated_at, due_at, placed_by)
     VALUES (?, ?, '[]', 1, 'pending', ?, '', 0, 'u')`,
    realSystem.newId(),
    realSystem.newId(),
    new Date(system.now()).toISOString(),
  )
}

export async function statuses({ database }: TestOrders): Promise<string[]> {
  return (await storedOrders(database)).map(({ status }) => status)
}
