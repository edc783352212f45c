import { randomUUID } from 'node:crypto'
import { askUntilAnswered, type User } from './callers'

/** What one user was told, order by order: what must be true of the services in the end. */
export interface Journal {
  user: User
  /** What the user was last told of an order, by the order's id. */
  orders: Map<string, Told>
  depositedCents: number
}

export interface Told {
  status: 'pending' | 'confirmed' | 'rejected' | 'cancelling' | 'cancelled'
  totalCents: number | undefined
}

const productIds = ['cable', 'desk-lamp', 'headphones', 'keyboard', 'monitor', 'mouse', 'webcam']

/** Orders, cancels and gets credit, one request after the other, each with its key until it is answered. */
export async function shop(journal: Journal, admin: string, random: () => number, until: AbortSignal): Promise<void> {
  while (!until.aborted) {
    const orderId = await placeOne(journal, random)
    const told = journal.orders.get(orderId)
    if (told?.status !== 'rejected' && random() < 0.4) await cancel(journal, orderId)
    if (random() < 0.1) await deposit(journal, admin)
  }
}

async function placeOne({ user, orders }: Journal, random: () => number): Promise<string> {
  const productId = productIds[Math.floor(random() * productIds.length)]!
  const body = { items: [{ productId, quantity: 1 + Math.floor(random() * 3) }] }
  const request = { method: 'POST', path: '/orders', token: user.token, key: randomUUID(), body } as const
  const answer = await askUntilAnswered('order-service', request)
  expect([200, 201, 202, 402]).toContain(answer.status)
  const orderId: string = answer.status === 402 ? answer.body.orderId : answer.body.id
  expect(orders.has(orderId)).toBe(false)
  const status = answer.status === 402 ? 'rejected' : answer.body.status
  orders.set(orderId, { status, totalCents: answer.body.totalCents })
  return orderId
}

async function cancel({ user, orders }: Journal, orderId: string): Promise<void> {
  const path = `/orders/${orderId}/cancel`
  const answer = await askUntilAnswered('order-service', { method: 'POST', path, token: user.token })
  expect([200, 202, 409]).toContain(answer.status) // 409: it was pending, and is rejected by now
  const told = orders.get(orderId)!
  orders.set(orderId, { ...told, status: answer.status === 409 ? 'rejected' : answer.body.status })
}

async function deposit(journal: Journal, admin: string): Promise<void> {
  const path = `/users/${journal.user.id}/deposits`
  const body = { amountCents: 80_000 }
  const request = { method: 'POST', path, token: admin, key: randomUUID(), body } as const
  const answer = await askUntilAnswered('user-service', request)
  expect([200, 201]).toContain(answer.status)
  journal.depositedCents += body.amountCents
}
