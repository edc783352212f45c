import { send, type Database, type Queries, type Transaction } from '@tandem/chassis/database/database'
import { inList, skipLocked } from '@tandem/chassis/database/sql-parts'
import { timestamp, type System } from '@tandem/chassis/system'
import type { Order, OrderStatus } from './order'
import { orderColumns, toOrder, type OrderRow } from './order-store'
import { leaseMs, maxClockDifferenceMs, maxOrderPauseMs, orderPauseMs } from './retry-policy'
import { addFailure } from './timeline-store'

const pageRows = 500

/**
 * A due time further away than any pause was set before the clock went back: treat it as due. Not so what another replica
 * has set whose clock is as far ahead as is tolerated.
 */
function farOff(system: Pick<System, 'now'>): number {
  return system.now() + maxOrderPauseMs + maxClockDifferenceMs
}

/** Whether there may be something to claim. A read, as most of the time there is nothing. */
export async function isAnyDue(queries: Queries, system: Pick<System, 'now'>): Promise<boolean> {
  const due = await queries.get(
    'SELECT id FROM orders WHERE due_at <= ? UNION ALL SELECT id FROM orders WHERE due_at > ? LIMIT 1',
    system.now(),
    farOff(system),
  )
  return due !== undefined
}

export interface Claim {
  orders: Order[]
  /** Until then nobody else claims them. */
  until: number
}

/**
 * Claims at most `limit` due orders, longest overdue first. Who claims them has to settle them or to record a failure
 * before the claim ends; if it dies, others can claim them then.
 */
export async function claimDue(tx: Transaction, system: Pick<System, 'now'>, limit: number): Promise<Claim> {
  const now = system.now()
  const until = now + leaseMs
  const page = `ORDER BY due_at, id LIMIT ? ${skipLocked(tx)}`
  // Materialized: PostgreSQL could run the sub-selects several times, and then claim more.
  const rows = await tx.all<OrderRow>(
    `WITH due AS MATERIALIZED (SELECT id FROM orders WHERE due_at <= ? ${page}),
       far_off AS MATERIALIZED (SELECT id FROM orders WHERE due_at > ? ${page}),
       claimed AS MATERIALIZED (SELECT id FROM due UNION ALL SELECT id FROM far_off LIMIT ?)
     UPDATE orders SET due_at = ? WHERE id IN (SELECT id FROM claimed) RETURNING ${orderColumns}`,
    ...[now, limit, farOff(system), limit, limit, until],
  )
  return { orders: rows.map(toOrder), until }
}

/** Makes claimed orders due again for which nothing was tried, unless the claim has ended and another one has begun. */
export async function giveBack(tx: Transaction, system: Pick<System, 'now'>, { orders, until }: Claim): Promise<void> {
  const { marks, list } = inList(orders.map(({ id }) => id))
  await tx.run(`UPDATE orders SET due_at = ? WHERE due_at = ? AND id IN (${marks})`, system.now(), until, ...list)
}

/** Whether some order has been pending since before the given time. Ids sort by creation time. */
export async function isAnyPendingSince(queries: Queries, placedBefore: string): Promise<boolean> {
  const oldest = await oldestOrder(queries, 'pending')
  return oldest !== undefined && oldest.createdAt <= placedBefore
}

/** Among the `limit` oldest pending orders that no other unit has locked, those placed before the given time. */
export async function lockPendingSince(tx: Transaction, placedBefore: string, limit: number): Promise<Order[]> {
  const rows = await tx.all<OrderRow>(
    `SELECT ${orderColumns} FROM orders WHERE status = 'pending' ORDER BY id LIMIT ? ${skipLocked(tx)}`,
    limit,
  )
  return rows.map(toOrder).filter(({ createdAt }) => createdAt <= placedBefore)
}

/**
 * At process start no request is running: everything unfinished is due. With other replicas, their requests are; what the
 * last process had claimed is due when the claim ends.
 */
export async function makeAllDue(database: Database, system: Pick<System, 'now'>): Promise<void> {
  if (database.isConcurrent) return
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
  if (tx.isConcurrent) await send(tx, 'SELECT pg_advisory_xact_lock(hashtextextended(?, 0))', userId)
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
