import type { Database, Queries, Transaction } from '@tandem/chassis/database/database'
import { timestamp, type System } from '@tandem/chassis/system'
import type { Order, OrderStatus } from './order'
import { orderColumns, toOrder, type OrderRow } from './order-store'
import { maxOrderPauseMs, orderPauseMs } from './retry-policy'
import { addFailure } from './timeline-store'

const pageRows = 500

/**
 * Longest overdue first. A due time further away than the longest pause was set before the clock went back: treat it as
 * due.
 */
export async function dueOrders(queries: Queries, system: Pick<System, 'now'>, limit: number): Promise<Order[]> {
  const now = system.now()
  const due = `SELECT ${orderColumns} FROM orders WHERE due_at IS NOT NULL`
  const rows = await queries.all<OrderRow>(`${due} AND due_at <= ? ORDER BY due_at, id LIMIT ?`, now, limit)
  const left = limit - rows.length
  const farOff = await queries.all<OrderRow>(`${due} AND due_at > ? LIMIT ?`, now + maxOrderPauseMs, left)
  return [...rows, ...farOff].map(toOrder)
}

/** Among the `limit` oldest pending orders, those placed before the given time. Ids sort by creation time. */
export async function pendingSince(queries: Queries, placedBefore: string, limit: number): Promise<Order[]> {
  const rows = await queries.all<OrderRow>(
    `SELECT ${orderColumns} FROM orders WHERE status = 'pending' ORDER BY id LIMIT ?`,
    limit,
  )
  return rows.map(toOrder).filter(({ createdAt }) => createdAt <= placedBefore)
}

/** At process start no request is running: everything unfinished is due. */
export async function makeAllDue(database: Database, system: Pick<System, 'now'>): Promise<void> {
  const now = system.now()
  const page = 'SELECT id FROM orders WHERE due_at > ? LIMIT ?'
  let changed
  do {
    changed = await database.write((tx) =>
      tx.run(`UPDATE orders SET due_at = ? WHERE id IN (${page})`, now, now, pageRows),
    )
  } while (changed === pageRows)
}

/** Lets one unit at a time count the unfinished orders of a user and add one. Units on SQLite run one after the other. */
export async function lockUnfinished(tx: Transaction, userId: string): Promise<void> {
  if (tx.isConcurrent) await tx.get('SELECT pg_advisory_xact_lock(hashtextextended(?, 0)) AS locked', userId)
}

/** Stops counting at the limit. */
export async function hasUnfinished(queries: Queries, userId: string, count: number): Promise<boolean> {
  const last = await queries.get(
    "SELECT id FROM orders WHERE user_id = ? AND status IN ('pending', 'cancelling') LIMIT 1 OFFSET ?",
    userId,
    count - 1,
  )
  return last !== undefined
}

/** How many orders have this status. They are counted in the index, which has millions a second. */
export async function countOrders(queries: Queries, status: OrderStatus): Promise<number> {
  const row = await queries.get<{ orders: number }>('SELECT COUNT(*) AS orders FROM orders WHERE status = ?', status)
  return row?.orders ?? 0
}

/** The oldest order of this status. An id sorts by the time it was made. */
export async function oldestOrder(queries: Queries, status: OrderStatus): Promise<Order | undefined> {
  const row = await queries.get<OrderRow>(
    `SELECT ${orderColumns} FROM orders WHERE status = ? ORDER BY id LIMIT 1`,
    status,
  )
  return row && toOrder(row)
}

/**
 * Records failed attempts. The order is due again at once if user-service is down (the pause is the upstream's); if only
 * this order fails, it has its own pause.
 */
export async function recordFailure(
  tx: Transaction,
  system: Pick<System, 'now' | 'random'>,
  { order, details, ownPause }: { order: Order; details: readonly string[]; ownPause: boolean },
): Promise<void> {
  const row = await tx.get<{ own_failures: number }>(
    'UPDATE orders SET own_failures = own_failures + ?, due_at = ? WHERE id = ? AND status = ? RETURNING own_failures',
    ownPause ? 1 : 0,
    system.now(),
    order.id,
    order.status,
  )
  if (row === undefined) return // somebody else moved it meanwhile
  if (ownPause) {
    const pauseMs = orderPauseMs(row.own_failures, system)
    await tx.run('UPDATE orders SET due_at = due_at + ? WHERE id = ?', pauseMs, order.id)
  }
  for (const detail of details) {
    await addFailure(tx, { orderId: order.id, at: timestamp(system), status: order.status, detail })
  }
}
