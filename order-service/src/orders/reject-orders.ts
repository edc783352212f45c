import type { Transaction } from '@tandem/chassis/database/database'
import type { System } from '@tandem/chassis/system'
import { advance, type OrderEvent } from './advance'
import type { Order } from './order'
import { moveOrder, pendingOrdersOf } from './order-store'

/** Rejects at most `limit` pending orders of a deleted user, whose holds are deleted too. Returns the rejected orders. */
export async function rejectOrdersOf(tx: Transaction, system: System, userId: string, limit: number): Promise<Order[]> {
  const refused: OrderEvent = { kind: 'refused', reason: 'user-not-found' }
  const rejected: Order[] = []
  for (const order of await pendingOrdersOf(tx, userId, limit)) {
    const move = advance(order, refused)
    const moved = move && (await moveOrder(tx, system, order, move))
    if (moved) rejected.push(moved)
  }
  return rejected
}
