import { send, type Queries, type Transaction } from '@tandem/chassis/database/database'
import type { OrderStatus } from './order'

export interface Step {
  orderId: string
  at: string
  status: OrderStatus
  detail: string
}

/** A step as callers see it. */
export interface TimelineEntry {
  at: string
  status: string
  detail: string
}

interface StepRow {
  at: string
  status: string
  detail: string
  failures: number
}

export async function addStep(tx: Transaction, { orderId, at, status, detail }: Step, failures = 0): Promise<void> {
  await send(
    tx,
    `INSERT INTO order_steps (order_id, position, at, status, detail, failures)
     VALUES (?, (SELECT COALESCE(MAX(position), 0) + 1 FROM order_steps WHERE order_id = ?), ?, ?, ?, ?)`,
    orderId,
    orderId,
    at,
    status,
    detail,
    failures,
  )
}

/** Adds a failed attempt; a repetition of the last step increases its count. */
export async function addFailure(tx: Transaction, step: Step): Promise<void> {
  const repeated = await tx.run(
    `UPDATE order_steps SET failures = failures + 1
     WHERE order_id = ? AND status = ? AND detail = ? AND failures > 0
       AND position = (SELECT MAX(position) FROM order_steps WHERE order_id = ?)`,
    step.orderId,
    step.status,
    step.detail,
    step.orderId,
  )
  if (repeated === 0) await addStep(tx, step, 1)
}

/** Oldest first. */
export async function readTimeline(queries: Queries, orderId: string): Promise<TimelineEntry[]> {
  const rows = await queries.all<StepRow>(
    'SELECT at, status, detail, failures FROM order_steps WHERE order_id = ? ORDER BY position',
    orderId,
  )
  return rows.map(({ at, status, detail, failures }) => ({
    at,
    status,
    detail: failures > 1 ? `${detail} (${failures} times)` : detail,
  }))
}
