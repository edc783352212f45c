import { mayActAs, type Caller } from '@tandem/chassis/http/caller'
import { Failure } from '@tandem/chassis/failure'
import { ok } from '@tandem/chassis/http/response'
import { idempotencyKey } from '@tandem/chassis/http/idempotency-key'
import { page, pageQuery } from '@tandem/chassis/http/page'
import { route, type Route } from '@tandem/chassis/http/route'
import { id } from '@tandem/chassis/http/fields'
import { z } from 'zod'
import { productId } from '../products/product-routes'
import { cancelOrder } from './cancel-order'
import { orderStatuses, type Order } from './order'
import { cancelledResponse, placedResponse, OrderResponse, orderView, orderViews } from './order-response'
import { findOrder, findOrderOf, listOrders } from './order-store'
import { placeOrder } from './place-order'
import type { OrderDeps } from './settle-order'
import { readTimeline } from './timeline-store'

const OrderPath = z.strictObject({ id })
const Item = z.strictObject({ productId, quantity: z.int().min(1).max(1000) })
const PlaceOrder = z
  .strictObject({
    userId: id.optional().meta({ description: 'You, if left out; an admin must give it' }),
    items: z.array(Item).min(1).max(50).refine(allDistinct, 'must name each product once'),
  })
  .meta({ id: 'PlaceOrder', examples: [{ items: [{ productId: 'keyboard', quantity: 1 }] }] })

const StepResponse = z
  .strictObject({ at: z.iso.datetime(), status: z.enum(orderStatuses), detail: z.string() })
  .meta({ id: 'OrderStep', examples: [{ at: '2026-01-31T12:00:00.000Z', status: 'confirmed', detail: 'confirmed' }] })

export function orderRoutes(deps: OrderDeps): Route[] {
  const { database } = deps

  const ownOrder = async (caller: Caller, orderId: string): Promise<Order> => {
    const order = mayActAs(caller, 'admin')
      ? await findOrder(database.read, orderId)
      : await findOrderOf(database.read, caller.id, orderId)
    if (order === undefined) throw new Failure('not-found')
    return order
  }

  return [
    route({
      method: 'post',
      path: '/orders',
      operationId: 'placeOrder',
      summary: 'Place an order',
      who: ['user', 'admin'],
      headers: z.object({ 'idempotency-key': idempotencyKey.optional() }),
      body: PlaceOrder,
      responses: { 200: OrderResponse, 201: OrderResponse, 202: OrderResponse },
      responseHeaders: {
        200: ['Location', 'Idempotent-Replayed'],
        201: ['Location', 'Idempotent-Replayed'],
        202: ['Location', 'Idempotent-Replayed', 'Retry-After'],
        402: ['Idempotent-Replayed'],
        404: ['Idempotent-Replayed'],
      },
      problems: ['forbidden', 'insufficient-credit', 'user-not-found', 'idempotency-key-reused', 'rate-limited'],
      handle: async ({ headers, body, caller, requestId }) => {
        const request = { userId: ordererOf(caller, body.userId), items: body.items }
        const by = { callerId: caller.id, idempotencyKey: headers['idempotency-key'], requestId }
        return placedResponse(deps, await placeOrder(deps, request, by))
      },
    }),
    route({
      method: 'get',
      path: '/orders',
      operationId: 'listOrders',
      summary: "List your orders, newest first; admins: everyone's",
      who: ['user', 'admin'],
      responses: { 200: z.array(OrderResponse) },
      responseHeaders: { 200: ['Link'] },
      problems: ['forbidden'],
      query: z.strictObject({ userId: id.optional(), status: z.enum(orderStatuses).optional(), ...pageQuery(id) }),
      handle: async ({ query: { userId, status, limit, after }, caller }) => {
        const filter = { userId: mayActAs(caller, 'admin') ? userId : ownId(caller, userId), status }
        const orders = await listOrders(database.read, { ...filter, after }, limit + 1)
        return page('/orders', { limit, filters: { userId, status } }, await orderViews(database.read, orders))
      },
    }),
    route({
      method: 'get',
      path: '/orders/:id',
      operationId: 'getOrder',
      summary: 'Get an order',
      who: ['user', 'admin'],
      responses: { 200: OrderResponse },
      problems: ['not-found'],
      params: OrderPath,
      handle: async ({ params, caller }) => ok(await orderView(database.read, await ownOrder(caller, params.id))),
    }),
    route({
      method: 'get',
      path: '/orders/:id/timeline',
      operationId: 'getTimeline',
      summary: 'List what happened to an order, oldest first',
      who: ['user', 'admin'],
      responses: { 200: z.array(StepResponse) },
      problems: ['not-found'],
      params: OrderPath,
      handle: async ({ params, caller }) => {
        const order = await ownOrder(caller, params.id)
        return ok(await readTimeline(database.read, order.id))
      },
    }),
    route({
      method: 'post',
      path: '/orders/:id/cancel',
      operationId: 'cancelOrder',
      summary: 'Cancel an order',
      who: ['user', 'admin'],
      responses: { 200: OrderResponse, 202: OrderResponse },
      responseHeaders: { 202: ['Location', 'Retry-After'] },
      problems: ['not-found', 'order-not-cancellable'],
      params: OrderPath,
      handle: async ({ params, caller, requestId }) => {
        const order = await ownOrder(caller, params.id)
        return cancelledResponse(database.read, await cancelOrder(deps, order, requestId))
      },
    }),
  ]
}

/** Users order for themselves; an admin names the user. */
function ordererOf(caller: Caller, userId: string | undefined): string {
  if (!mayActAs(caller, 'admin')) return ownId(caller, userId)
  if (userId !== undefined) return userId
  throw new Failure('invalid-request', { errors: [{ pointer: '/userId', detail: 'is required for an admin' }] })
}

function ownId(caller: Caller, userId: string | undefined): string {
  if (userId !== undefined && userId !== caller.id) throw new Failure('forbidden', { reason: 'other-caller' })
  return caller.id
}

function allDistinct(items: { productId: string }[]): boolean {
  return new Set(items.map(({ productId }) => productId)).size === items.length
}
