import type { Queries, Transaction } from '@tandem/chassis/database/database'
import type { Hold } from '../credit/hold-store'

/** A hold as order-service's records have it. */
export interface ExpectedHold extends Hold {
  /** It must be there; else it may be. */
  isConfirmed: boolean
}

/** In one statement. */
export async function insertExpected(tx: Transaction, holds: readonly ExpectedHold[]): Promise<void> {
  if (holds.length === 0) return
  await tx.run(
    `INSERT INTO expected_holds (order_id, user_id, amount_cents, is_confirmed)
     VALUES ${holds.map(() => '(?, ?, ?, ?)').join(', ')}`,
    ...holds.flatMap(({ orderId, userId, amountCents, isConfirmed }) => [
      orderId,
      userId,
      amountCents,
      isConfirmed ? 1 : 0,
    ]),
  )
}

/** Deletes at most `limit` of them. Returns how many. */
export async function deleteExpected(tx: Transaction, limit: number): Promise<number> {
  return tx.run('DELETE FROM expected_holds WHERE order_id IN (SELECT order_id FROM expected_holds LIMIT ?)', limit)
}

/** What is held and not expected, by the order, after `after`. */
export async function listUnexpected(queries: Queries, after: string, limit: number): Promise<Hold[]> {
  return queries.all<Hold>(
    `SELECT order_id AS "orderId", user_id AS "userId", amount_cents AS "amountCents" FROM holds
     WHERE state = 'held' AND order_id > ?
       AND NOT EXISTS (SELECT 1 FROM expected_holds WHERE expected_holds.order_id = holds.order_id)
     ORDER BY order_id LIMIT ?`,
    after,
    limit,
  )
}

/** What must be held and is not, by the order, after `after`. */
export async function listLacking(queries: Queries, after: string, limit: number): Promise<Hold[]> {
  return queries.all<Hold>(
    `SELECT order_id AS "orderId", user_id AS "userId", amount_cents AS "amountCents" FROM expected_holds
     WHERE is_confirmed = 1 AND order_id > ?
       AND NOT EXISTS (
         SELECT 1 FROM holds WHERE holds.order_id = expected_holds.order_id AND state = 'held'
           AND holds.user_id = expected_holds.user_id AND holds.amount_cents = expected_holds.amount_cents)
     ORDER BY order_id LIMIT ?`,
    after,
    limit,
  )
}
