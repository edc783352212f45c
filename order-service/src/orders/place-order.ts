import { createHash } from 'node:crypto'
import type { Queries } from '@tandem/chassis/database/database'
import { Failure, type FieldError } from '@tandem/chassis/failure'
import { timestamp } from '@tandem/chassis/system'
import { findProducts } from '../products/product-store'
import { maxUnfinished, type Item, type Order } from './order'
import { findOrderByKey, insertOrder, type Placement } from './order-store'
import { settleForCaller, type OrderDeps } from './settle-order'
import { lockUnfinished } from './settlement-queue'

const maxTotalCents = 1_000_000_000

export interface OrderRequest {
  userId: string
  items: readonly { productId: string; quantity: number }[]
}

/**
 * Stores the order, and only then asks user-service to hold the credit. Returns it in any status: rejected is an outcome, and
 * a pending order settles on its own. A repeated key returns the first request's order. Throws `invalid-request` if the
 * order cannot be priced, `idempotency-key-reused`, or `rate-limited` if the user has too many unfinished orders.
 */
export async function placeOrder(
  deps: OrderDeps,
  request: OrderRequest,
  { requestId, ...key }: { callerId: string; idempotencyKey: string | undefined; requestId: string },
): Promise<{ order: Order; replayed: boolean }> {
  const { database, system } = deps
  const placement = { ...key, requestHash: key.idempotencyKey === undefined ? undefined : hash(request) }
  const earlier = await earlierOrder(database.read, placement)
  if (earlier) return { order: earlier, replayed: true }

  const items = await priceItems(database.read, request.items)
  const now = timestamp(system)
  const order: Order = {
    id: system.newId(),
    userId: request.userId,
    items,
    totalCents: items.reduce((sum, { quantity, unitPriceCents }) => sum + quantity * unitPriceCents, 0),
    status: 'pending',
    reason: null,
    createdAt: now,
    updatedAt: now,
  }
  if (order.totalCents > maxTotalCents)
    throw invalidItems([{ pointer: '/items', detail: `the total exceeds ${maxTotalCents} cents` }])

  const first = await database.write(async (tx) => {
    await lockUnfinished(tx, order.userId)
    if (await insertOrder(tx, system, order, { ...placement, maxUnfinished })) return undefined
    return (await earlierOrder(tx, placement)) ?? 'too-many' // thrown here, it would make others write again
  })
  if (first === 'too-many') throw new Failure('rate-limited')
  if (first) return { order: first, replayed: true }
  deps.metrics.moved(order)
  return { order: await settleForCaller(deps, order, requestId), replayed: false }
}

async function earlierOrder(
  queries: Queries,
  { callerId, idempotencyKey, requestHash }: Placement,
): Promise<Order | undefined> {
  if (idempotencyKey === undefined) return undefined
  const earlier = await findOrderByKey(queries, { callerId, idempotencyKey })
  if (earlier && earlier.requestHash !== requestHash) throw new Failure('idempotency-key-reused')
  return earlier?.order
}

async function priceItems(queries: Queries, items: OrderRequest['items']): Promise<Item[]> {
  const products = await findProducts(
    queries,
    items.map(({ productId }) => productId),
  )
  const unknown: FieldError[] = []
  const priced = items.flatMap(({ productId, quantity }, i): Item[] => {
    const product = products.get(productId)
    if (product) return [{ productId, quantity, unitPriceCents: product.priceCents }]
    unknown.push({ pointer: `/items/${i}/productId`, detail: 'there is no such product' })
    return []
  })
  if (unknown.length > 0) throw invalidItems(unknown)
  return priced
}

function invalidItems(errors: FieldError[]): Failure {
  return new Failure('invalid-request', { errors })
}

function hash(request: OrderRequest): string {
  return createHash('sha256').update(JSON.stringify(request)).digest('hex')
}
