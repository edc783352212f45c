import type { Database, Queries } from '@tandem/chassis/database/database'
import { Failure } from '@tandem/chassis/failure'
import type { RouteResult } from '@tandem/chassis/http/route'
import type { Log } from '@tandem/chassis/log'
import { z } from 'zod'
import { findUserCopies, findUserCopy, type UserCopy } from '../users/user-copy-store'
import { orderStatuses, type Order } from './order'

const userId = '0190f3c4-7b1a-7c3e-8d2f-0123456789ab'
const exampleOrder = {
  id: '0190f3c6-52ab-7f04-b7c2-0123456789ab',
  userId,
  items: [{ productId: 'keyboard', quantity: 1, unitPriceCents: 4999 }],
  totalCents: 4999,
  status: 'confirmed',
  reason: null,
  createdAt: '2026-01-31T12:00:00.000Z',
  updatedAt: '2026-01-31T12:00:00.000Z',
  user: { id: userId, name: 'Ada' },
}

export const OrderResponse = z
  .strictObject({
    id: z.uuid(),
    userId: z.guid(),
    items: z.array(z.strictObject({ productId: z.string(), quantity: z.int(), unitPriceCents: z.int() })),
    totalCents: z.int(),
    status: z.enum(orderStatuses),
    reason: z.enum(['insufficient-credit', 'user-not-found', 'timed-out', 'requested']).nullable(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
    user: z
      .strictObject({ id: z.guid(), name: z.string() })
      .nullable()
      .meta({ description: 'From a copy of the users; null if it has none' }),
  })
  .meta({ id: 'Order', examples: [exampleOrder] })

/** The order as callers see it. Its user comes from the local copy, and is null if there is none. */
export async function orderView(queries: Queries, order: Order) {
  return viewWith((await findUserCopy(queries, order.userId)) ?? null, order)
}

/** As orderView, for a page of orders. */
export async function orderViews(queries: Queries, orders: readonly Order[]) {
  const userIds = new Set(orders.map(({ userId }) => userId))
  const users = await findUserCopies(queries, [...userIds])
  return orders.map((order) => viewWith(users.get(order.userId) ?? null, order))
}

function viewWith(
  user: UserCopy | null,
  { id, userId, items, totalCents, status, reason, createdAt, updatedAt }: Order,
) {
  return { id, userId, items, totalCents, status, reason, createdAt, updatedAt, user }
}

/**
 * A rejected order is an outcome, returned as a problem. The order is stored by now, so a failed read of its user must not
 * make the caller retry: the user is left out.
 */
export async function placedResponse(
  { database, log }: { database: Pick<Database, 'read'>; log: Log },
  { order, replayed }: { order: Order; replayed: boolean },
): Promise<RouteResult> {
  const headers = { Location: `/orders/${order.id}`, ...(replayed && { 'Idempotent-Replayed': 'true' }) }
  const view = () =>
    orderView(database.read, order).catch((err: unknown) => {
      log.error({ err, orderId: order.id }, 'user of an order could not be read')
      return viewWith(null, order)
    })
  switch (order.status) {
    case 'confirmed':
      return { status: 201, body: await view(), headers }
    case 'pending':
    case 'cancelling':
      return { status: 202, body: await view(), headers: { ...headers, 'Retry-After': '1' } }
    case 'cancelled':
      return { status: 200, body: await view(), headers }
    case 'rejected':
      throw new Failure(order.reason, {
        members: { orderId: order.id },
        ...(replayed && { headers: { 'Idempotent-Replayed': 'true' } }),
      })
  }
}

export async function cancelledResponse(queries: Queries, order: Order): Promise<RouteResult> {
  const body = await orderView(queries, order)
  if (order.status === 'cancelled') return { status: 200, body }
  const headers = { Location: `/orders/${order.id}`, 'Retry-After': '1' }
  return { status: 202, body, headers }
}
