import type { Transaction } from '@tandem/chassis/database/database'
import type { System } from '@tandem/chassis/system'
import { moveOrders } from './move-orders'
import type { Order } from './order'
import { pendingOrdersOf } from './order-store'

/** Rejects at most `limit` pending orders of a deleted user, whose holds are deleted too. Returns the rejected orders. */
export async function rejectOrdersOf(tx: Transaction, system: System, userId: string, limit: number): Promise<Order[]> {
  const pending = await pendingOrdersOf(tx, userId, limit)
  return moveOrders(tx, system, pending, { kind: 'refused', reason: 'user-not-found' })
}
