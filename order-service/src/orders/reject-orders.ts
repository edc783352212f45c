import type { Transaction } from '@tandem/chassis/database/database'
import type { System } from '@tandem/chassis/system'
import { advance, detailOf, type OrderEvent } from './advance'
import type { Order } from './order'
import { moveOrder, pendingOrdersOf } from './order-store'

/** Ends the pending orders of a user who was deleted, whose holds are gone with it. Answers them as they are then. */
export async function rejectOrdersOf(tx: Transaction, system: System, userId: string): Promise<Order[]> {
  const refused: OrderEvent = { type: 'refused', reason: 'user-not-found' }
  const rejected: Order[] = []
  for (const order of await pendingOrdersOf(tx, userId)) {
    const next = advance(order, refused)
    const moved = next && (await moveOrder(tx, system, order, next, detailOf(refused)))
    if (moved) rejected.push(moved)
  }
  return rejected
}
