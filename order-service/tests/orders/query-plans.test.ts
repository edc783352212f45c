import type { Transaction } from '@tandem/chassis/database/database'
import { realSystem } from '@tandem/chassis/system'
import { queryPlan } from '../../../chassis/testing/query-plan'
import { migrations } from '../../src/database/migrations'
import { forgetDeparted, lockDeparted, noteDeparted } from '../../src/orders/departed-user-store'
import type { Order } from '../../src/orders/order'
import { findOrderByKey, insertOrder, listOrders, pendingOrdersOf } from '../../src/orders/order-store'
import {
  claimDue,
  countOrders,
  giveBack,
  isAnyDue,
  lockPendingSince,
  oldestOrder,
} from '../../src/orders/settlement-queue'

const [userId, after] = [realSystem.newId(), realSystem.newId()]
const newOrder: Order = {
  id: after,
  userId,
  items: [],
  totalCents: 1,
  status: 'pending',
  reason: null,
  createdAt: '',
  updatedAt: '',
}

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
    (tx) => insertOrder(tx, realSystem, newOrder, { callerId: userId, maxUnfinished: 1000 }),
    /COVERING INDEX orders_of_user_by_status \(user_id=\? AND status=\?\)/,
  ],
  [
    'whether a deleted user has pending orders',
    (tx) => noteDeparted(tx, userId),
    /COVERING INDEX orders_of_user_by_status \(user_id=\? AND status=\?\)/,
  ],
  ['a deleted user', (tx) => lockDeparted(tx), /SCAN departed_users USING COVERING INDEX/],
  [
    'whether all orders of a deleted user were rejected',
    (tx) => forgetDeparted(tx, userId),
    /COVERING INDEX orders_of_user_by_status \(user_id=\? AND status=\?\)/,
  ],
  ['whether anything is due', (tx) => isAnyDue(tx, realSystem), /COVERING INDEX orders_due \(due_at>\?\)/],
  ['what is due', (tx) => claimDue(tx, realSystem, 128), /COVERING INDEX orders_due \(due_at<\?\)/],
  [
    'what is given back',
    (tx) => giveBack(tx, realSystem, { orders: [{ id: userId } as Order], until: 1 }),
    /SEARCH orders USING/,
  ],
  ['what has been pending for long', (tx) => lockPendingSince(tx, '', 128), /orders_by_status \(status=\?\)/],
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
