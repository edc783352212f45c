import { silentLog } from '@tandem/chassis/log'
import { realSystem } from '@tandem/chassis/system'
import { CircuitBreaker } from '@tandem/chassis/upstream/circuit-breaker'
import { audit } from '../../../reliability/audit/audit'
import { collectOrderRecords } from '../../../reliability/audit/records'
import { interleavings, type End, type Explored, type Pair } from '../../../chassis/testing/interleavings'
import { printed } from '../../../chassis/testing/kept-rows'
import type { Side } from '../../../chassis/testing/stepped-side'
import { migrations } from '../../src/database/migrations'
import { userEventHandlers } from '../../src/orders/on-user-events'
import type { Order } from '../../src/orders/order'
import { insertOrder } from '../../src/orders/order-store'
import { placeOrder } from '../../src/orders/place-order'
import type { Settler } from '../../src/orders/settler'

const kinds = {
  orders: 'order',
  user_copies: 'user-copy',
  followed_feeds: 'position',
  parked_events: 'parked-event',
  events: 'event',
}
const noUsers = { users: [], deposits: [], holds: [], redactions: [], events: [] }
// Only user-service knows its users and events.
const ofUserService = /^(confirmed-|copy-|position-)/

/** Runs pairs of units on the tables of this service. What is seen of an end has the findings of the audit in it. */
export function interleavedOrders(): (pair: Pair) => Promise<Explored> {
  const explore = interleavings(migrations)
  return (pair) => explore({ seen, ...pair })
}

export async function seen({ outcomes, rows }: End) {
  const records = { users: noUsers, orders: await collectOrderRecords(printed(rows, kinds)) }
  // Not so late that what is unfinished is a finding.
  const { findings } = audit(records, { settled: false, now: Date.UTC(2026, 0, 31, 12, 1) })
  return { findings: findings.filter(({ kind }) => !ofUserService.test(kind)), outcomes, rows }
}

/** With a user-service that nobody reaches: an order that is placed or cancelled is left to the settler. */
export function orderDeps(side: Side): ConstructorParameters<typeof Settler>[0] {
  const unreachable = async () => {
    throw new Error('not in this test')
  }
  const circuit = new CircuitBreaker(realSystem)
  const users = { hold: unreachable, release: unreachable, circuit }
  return { ...side, users, metrics: { moved: () => undefined, attempted: () => undefined }, log: silentLog }
}

export const userId = '0190f3c4-7b1a-7c3e-8d2f-0123456789ab'

export const place =
  (idempotencyKey: string | undefined, quantity = 1) =>
  (side: Side) =>
    placeOrder(
      orderDeps(side),
      { userId, items: [{ productId: 'keyboard', quantity }] },
      { callerId: userId, idempotencyKey, requestId: 'test' },
    )

/** The order that is there. */
export const order: Order = {
  id: '0190f3c4-0000-7000-8000-00000000000a',
  userId,
  items: [{ productId: 'keyboard', quantity: 1, unitPriceCents: 4999 }],
  totalCents: 4999,
  status: 'pending',
  reason: null,
  createdAt: '2026-01-31T12:00:00.000Z',
  updatedAt: '2026-01-31T12:00:00.000Z',
}

export const placed = async ({ database, system }: Side) => {
  await database.write((tx) => insertOrder(tx, system, order, { callerId: userId }))
}

export const userDeleted = ({ database, system }: Side) =>
  database.write(async (tx) => {
    const deleted = userEventHandlers({ system, metrics: { moved: () => undefined } })['user.deleted']!
    const time = '2026-01-31T12:00:00.000Z'
    const data = { id: userId, name: null, version: 2 }
    await deleted(tx, { specversion: '1.0', id: system.newId(), type: 'user.deleted', time, data })
  })
