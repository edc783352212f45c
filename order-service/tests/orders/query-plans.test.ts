import type { Transaction } from '@tandem/chassis/database/database'
import { realSystem } from '@tandem/chassis/system'
import { queryPlan } from '../../../chassis/testing/query-plan'
import { migrations } from '../../src/database/migrations'
import { nextDeparted, noteDeparted } from '../../src/orders/departed-user-store'
import { findOrderByKey, listOrders, pendingOrdersOf } from '../../src/orders/order-store'
import { countOrders, dueOrders, hasUnfinished, oldestOrder, pendingSince } from '../../src/orders/settlement-queue'

const [userId, after] = [realSystem.newId(), realSystem.newId()]

test.each<[what: string, work: (tx: Transaction) => Promise<unknown>, steps: RegExp]>([
  ["a user's orders", (tx) => listOrders(tx, { userId, after }, 20), /orders_of_user \(user_id=\? AND id<\?\)/],
  [
    "a user's orders of a status",
    (tx) => listOrders(tx, { userId, after, status: 'cancelled' }, 20),
    /orders_of_user_by_status \(user_id=\? AND status=\? AND id<\?\)/,
  ],
  [
    'the orders of a status',
    (tx) => listOrders(tx, { after, status: 'cancelled' }, 20),
    /orders_by_status \(status=\? AND id<\?\)/,
  ],
  [
    'the order of a key',
    (tx) => findOrderByKey(tx, { callerId: userId, idempotencyKey: 'k' }),
    /\(placed_by=\? AND idempotency_key=\?\)/,
  ],
  [
    "a user's pending orders",
    (tx) => pendingOrdersOf(tx, userId, 10),
    /orders_of_user_by_status \(user_id=\? AND status=\?\)/,
  ],
  [
    'whether a user has too many unfinished orders',
    (tx) => hasUnfinished(tx, userId, 1000),
    /COVERING INDEX orders_of_user_by_status \(user_id=\? AND status=\?\)/,
  ],
  [
    'whether a deleted user has pending orders',
    (tx) => noteDeparted(tx, userId),
    /COVERING INDEX orders_of_user_by_status \(user_id=\? AND status=\?\)/,
  ],
  ['a deleted user', (tx) => nextDeparted(tx), /SCAN departed_users USING COVERING INDEX/],
  ['what is due', (tx) => dueOrders(tx, realSystem, 128), /orders_due/],
  ['what has been pending for long', (tx) => pendingSince(tx, '', 128), /orders_by_status \(status=\?\)/],
  [
    'how many orders have a status',
    (tx) => countOrders(tx, 'pending'),
    /COVERING INDEX orders_by_status \(status=\?\)/,
  ],
  ['the oldest order of a status', (tx) => oldestOrder(tx, 'pending'), /orders_by_status \(status=\?\)/],
])('%s uses an index, however many orders there are', async (_, work, steps) => {
  const plan = await queryPlan(migrations, work)
  expect(plan.join('\n')).toMatch(steps)
  expect(plan.filter((step) => /SCAN orders|TEMP B-TREE/.test(step))).toEqual([])
})
