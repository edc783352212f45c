import type { Facts } from './facts'
import type { Finding } from './finding'
import type { Order, OrderEvent, OrderStatus } from './records'

/** The possible event histories of an order, by status. Cancelling has no event. */
const histories: Record<OrderStatus, string[]> = {
  pending: ['pending'],
  confirmed: ['pending confirmed'],
  rejected: ['pending rejected'],
  cancelling: ['pending', 'pending confirmed'],
  cancelled: ['pending cancelled', 'pending confirmed cancelled'],
}

/** No key made two orders. */
export function* checkOrderKeys({ orders }: Facts): Generator<Finding> {
  const withKey = orders.orders.filter(({ idempotencyKey }) => idempotencyKey !== null)
  for (const [key, made] of Map.groupBy(withKey, (it) => `${it.idempotencyKey} of ${it.placedBy}`)) {
    if (made.length === 1) continue
    const message = `the key ${key} made ${made.length} orders: ${made.map(({ id }) => id).join(', ')}`
    yield { kind: 'key-with-two-orders', ids: { key }, message }
  }
}

/** No order stays pending or cancelling. */
export function* checkUnfinished({ orders, isOverdue }: Facts): Generator<Finding> {
  for (const { id, status, updatedAt } of orders.orders) {
    if (status !== 'pending' && status !== 'cancelling') continue
    if (!isOverdue(updatedAt)) continue
    yield {
      kind: 'order-unfinished',
      ids: { orderId: id },
      message: `order ${id} has been ${status} since ${updatedAt}`,
    }
  }
}

/** Each order has its events once, in order, and they agree with it. */
export function* checkOrderEvents({ orders, ordersById, eventsByOrder }: Facts): Generator<Finding> {
  for (const order of orders.orders) {
    const { id, status } = order
    const events = eventsByOrder.get(id) ?? []
    const history = events.map(({ type }) => type.replace(/^order\./, '')).join(' ')
    if (!histories[status].includes(history)) {
      const message = `order ${id} is ${status}, but its events are: ${history || 'none'}`
      yield { kind: 'order-events', ids: { orderId: id }, message }
    }
    for (const event of events) {
      if (isOf(order, event)) continue
      const message = `order ${id} is ${describe(order)}, but its event ${event.id} says ${JSON.stringify(event.data)}`
      yield { kind: 'order-event-differs', ids: { eventId: event.id }, message }
    }
  }
  for (const orderId of eventsByOrder.keys()) {
    if (ordersById.has(orderId)) continue
    const message = `there are events of order ${orderId}, but no such order`
    yield { kind: 'event-without-order', ids: { orderId }, message }
  }
}

function isOf(order: Order, { type, data }: OrderEvent): boolean {
  const { id, userId, totalCents } = order
  const same = data.id === id && data.userId === userId && data.totalCents === totalCents
  // Only the event of where it stands tells of its reason, and a cancelled one may have had none before.
  return same && type === `order.${data.status}` && (data.status !== order.status || data.reason === order.reason)
}

function describe({ userId, totalCents, status, reason }: Order): string {
  return JSON.stringify({ userId, totalCents, status, reason })
}
