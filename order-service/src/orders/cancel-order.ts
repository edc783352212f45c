import { Failure } from '@tandem/chassis/failure'
import type { Order } from './order'
import { applyEvent, settleForCaller, type OrderDeps } from './settle-order'

/**
 * Stores the order as cancelling, and only then asks user-service to release the credit. Safe to repeat. Throws
 * `order-not-cancellable` if the order was rejected.
 */
export async function cancelOrder(deps: OrderDeps, order: Order, requestId: string): Promise<Order> {
  if (order.status === 'rejected') throw new Failure('order-not-cancellable')
  if (order.status === 'cancelling' || order.status === 'cancelled') return order
  const cancelling = await applyEvent(deps, order, { kind: 'abandoned', reason: 'requested' })
  if (cancelling.status !== 'cancelling') return cancelOrder(deps, cancelling, requestId) // somebody moved it meanwhile
  return settleForCaller(deps, cancelling, requestId)
}
