import { Failure } from '@tandem/chassis/failure'
import type { Order } from './order'
import { applyEvent, settleForCaller, type OrderDeps } from './settle-order'

/**
 * Writes down that the order is being cancelled, and only then asks user-service to give the credit back. Answers the order
 * as it stands; asked again, it changes nothing. Throws `order-not-cancellable` where it was rejected.
 */
export async function cancelOrder(deps: OrderDeps, order: Order, requestId: string): Promise<Order> {
  if (order.status === 'rejected') throw new Failure('order-not-cancellable')
  if (order.status === 'cancelling' || order.status === 'cancelled') return order
  const cancelling = await applyEvent(deps, order, { type: 'abandoned', reason: 'requested' })
  if (cancelling.status !== 'cancelling') return cancelOrder(deps, cancelling, requestId) // somebody moved it meanwhile
  return settleForCaller(deps, cancelling, requestId)
}
