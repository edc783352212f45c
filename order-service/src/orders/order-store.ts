import type { Queries, Transaction } from '@tandem/chassis/database/database'
import type { RequestKey } from '@tandem/chassis/http/idempotency-key'
import { timestamp, type System } from '@tandem/chassis/system'
import { traceContext, type TraceContext } from '@tandem/chassis/tracing/trace-context'
import { currentTrace } from '@tandem/chassis/tracing/tracing'
import { appendOrderEvent } from './order-events'
import { addStep } from './timeline-store'
import type { Move } from './advance'
import { leaseMs } from './retry-policy'
import type { Item, Order, OrderState, OrderStatus } from './order'

/** Who places an order; with its idempotency key, if any, and a fingerprint of the request. */
export interface Placement {
  callerId: string
  idempotencyKey?: string | undefined
  requestHash?: string | undefined
  /** Of the user. */
  maxUnfinished?: number
}

export interface OrderRow {
  id: string
  user_id: string
  items: string
  total_cents: number
  status: string
  reason: string | null
  created_at: string
  updated_at: string
}

export const orderColumns = 'id, user_id, items, total_cents, status, reason, created_at, updated_at'

export async function findOrder(queries: Queries, id: string): Promise<Order | undefined> {
  const row = await queries.get<OrderRow>(`SELECT ${orderColumns} FROM orders WHERE id = ?`, id)
  return row && toOrder(row)
}

/** Another user's order takes as long as one that does not exist. */
export async function findOrderOf(queries: Queries, userId: string, id: string): Promise<Order | undefined> {
  const sql = `SELECT ${orderColumns} FROM orders WHERE id = ? AND user_id = ?`
  const row = await queries.get<OrderRow>(sql, id, userId)
  return row && toOrder(row)
}

export async function findOrderByKey(
  queries: Queries,
  { callerId, idempotencyKey }: RequestKey,
): Promise<{ order: Order; requestHash: string } | undefined> {
  const row = await queries.get<OrderRow & { request_hash: string }>(
    `SELECT ${orderColumns}, request_hash FROM orders WHERE placed_by = ? AND idempotency_key = ?`,
    callerId,
    idempotencyKey,
  )
  return row && { order: toOrder(row), requestHash: row.request_hash }
}

interface OrderFilter {
  userId?: string | undefined
  status?: OrderStatus | undefined
  /** The id of the last order on the previous page. */
  after?: string | undefined
}

/** Newest first. */
export async function listOrders(queries: Queries, filter: OrderFilter, limit: number): Promise<Order[]> {
  const { userId, status, after } = filter
  const conditions = [userId && 'user_id = ?', status && 'status = ?', after && 'id < ?'].filter(
    (it) => it !== undefined,
  )
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`
  const values = [userId, status, after].filter((it) => it !== undefined)
  const rows = await queries.all<OrderRow>(
    `SELECT ${orderColumns} FROM orders ${where} ORDER BY id DESC LIMIT ?`,
    ...values,
    limit,
  )
  return rows.map(toOrder)
}

/** Oldest first. */
export async function pendingOrdersOf(queries: Queries, userId: string, limit: number): Promise<Order[]> {
  const rows = await queries.all<OrderRow>(
    `SELECT ${orderColumns} FROM orders WHERE user_id = ? AND status = 'pending' ORDER BY id LIMIT ?`,
    userId,
    limit,
  )
  return rows.map(toOrder)
}

/**
 * Stores a new order. Returns false, and stores nothing, if there is an order of this key, or if the user has `maxUnfinished`
 * orders that are not settled yet: they are not counted beyond that.
 */
export async function insertOrder(
  tx: Transaction,
  system: System,
  order: Order,
  { callerId, idempotencyKey, requestHash, maxUnfinished = Number.MAX_SAFE_INTEGER }: Placement,
): Promise<boolean> {
  const inserted = await tx.run(
    `INSERT INTO orders (${orderColumns}, due_at, placed_by, idempotency_key, request_hash, traceparent)
     SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
     WHERE NOT EXISTS (
       SELECT 1 FROM orders WHERE user_id = ? AND status IN ('pending', 'cancelling') LIMIT 1 OFFSET ?)
     ON CONFLICT (placed_by, idempotency_key) DO NOTHING`,
    order.id,
    order.userId,
    JSON.stringify(order.items),
    order.totalCents,
    order.status,
    order.reason,
    order.createdAt,
    order.updatedAt,
    system.now() + leaseMs,
    callerId,
    idempotencyKey ?? null,
    requestHash ?? null,
    currentTrace()?.traceparent ?? null,
    order.userId,
    maxUnfinished - 1,
  )
  if (inserted === 0) return false
  await recordMove(tx, system, order, 'stored')
  return true
}

/** The trace of the request that placed the order; undefined if there was none. */
export async function findTrace(queries: Queries, orderId: string): Promise<TraceContext | undefined> {
  const sql = 'SELECT traceparent FROM orders WHERE id = ?'
  return traceContext((await queries.get<{ traceparent: string | null }>(sql, orderId))?.traceparent)
}

/**
 * Compare-and-set: moves the order, with its timeline step and its event, if its status is still the one that the caller
 * saw. Returns undefined if another process moved it first.
 */
export async function moveOrder(
  tx: Transaction,
  system: System,
  from: Order,
  { state, detail }: Move,
): Promise<Order | undefined> {
  const moved: Order = { ...from, ...state, updatedAt: timestamp(system) }
  const unfinished = state.status === 'pending' || state.status === 'cancelling'
  const changed = await tx.run(
    'UPDATE orders SET status = ?, reason = ?, updated_at = ?, due_at = ?, own_failures = 0 WHERE id = ? AND status = ?',
    moved.status,
    moved.reason,
    moved.updatedAt,
    unfinished ? system.now() + leaseMs : null,
    from.id,
    from.status,
  )
  if (changed === 0) return undefined
  await recordMove(tx, system, moved, detail)
  return moved
}

async function recordMove(tx: Transaction, system: System, order: Order, detail: string): Promise<void> {
  await addStep(tx, { orderId: order.id, at: order.updatedAt, status: order.status, detail })
  await appendOrderEvent(tx, system, order)
}

export function toOrder(row: OrderRow): Order {
  return {
    id: row.id,
    userId: row.user_id,
    items: JSON.parse(row.items) as Item[], // our own row
    totalCents: row.total_cents,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    ...({ status: row.status, reason: row.reason } as OrderState), // the CHECKs of the table say the same
  }
}
