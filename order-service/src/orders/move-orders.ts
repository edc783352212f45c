import type { Transaction } from '@tandem/chassis/database/database'
import type { System } from '@tandem/chassis/system'
import { advance, type OrderEvent } from './advance'
import type { Order } from './order'
import { moveOrder } from './order-store'

/** Lets the same event happen to each of these orders. Returns those that it moved, as they are now. */
export async function moveOrders(
  tx: Transaction,
  system: System,
  orders: readonly Order[],
  event: OrderEvent,
): Promise<Order[]> {
  const moved: Order[] = []
  for (const order of orders) {
    const move = advance(order, event)
    const now = move && (await moveOrder(tx, system, order, move))
    if (now) moved.push(now)
  }
  return moved
}
