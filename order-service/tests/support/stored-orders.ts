import type { Database } from '@tandem/chassis/database/database'
import { realSystem, timestamp, type System } from '@tandem/chassis/system'
import type { Order } from '../../src/orders/order'
import { insertOrder } from '../../src/orders/order-store'

/** Stores so many pending orders of a user, as if their requests had ended without a decision. */
export async function storeOrders(
  database: Database,
  userId: string,
  count: number,
  system: System = realSystem,
): Promise<Order[]> {
  const now = timestamp(system)
  const orders = Array.from({ length: count }, (): Order => ({
    id: realSystem.newId(),
    userId,
    items: [{ productId: 'keyboard', quantity: 1, unitPriceCents: 4999 }],
    totalCents: 4999,
    status: 'pending',
    reason: null,
    createdAt: now,
    updatedAt: now,
  }))
  await database.write(async (tx) => {
    for (const order of orders) await insertOrder(tx, system, order, { callerId: userId })
  })
  return orders
}
