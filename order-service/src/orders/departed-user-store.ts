import type { Queries, Transaction } from '@tandem/chassis/database/database'
import { skipLocked } from '@tandem/chassis/database/sql-parts'

/** Leaves the remaining pending orders of a deleted user, if any, to the settler. */
export async function noteDeparted(tx: Transaction, userId: string): Promise<void> {
  await tx.run(
    `INSERT INTO departed_users (user_id)
     SELECT ? WHERE EXISTS (SELECT 1 FROM orders WHERE user_id = ? AND status = 'pending')
     ON CONFLICT (user_id) DO NOTHING`,
    userId,
    userId,
  )
}

/** Whether a deleted user may still have pending orders. */
export async function isAnyDeparted(queries: Queries): Promise<boolean> {
  return (await queries.get('SELECT user_id FROM departed_users LIMIT 1')) !== undefined
}

/** Returns a deleted user who may still have pending orders, and whom no other unit has locked. */
export async function lockDeparted(tx: Transaction): Promise<string | undefined> {
  const row = await tx.get<{ userId: string }>(
    `SELECT user_id AS "userId" FROM departed_users ORDER BY user_id LIMIT 1 ${skipLocked(tx)}`,
  )
  return row?.userId
}

/** Unless orders are still pending: of those that were to be rejected, others may have moved some. */
export async function forgetDeparted(tx: Transaction, userId: string): Promise<void> {
  await tx.run(
    `DELETE FROM departed_users WHERE user_id = ?
       AND NOT EXISTS (SELECT 1 FROM orders WHERE user_id = ? AND status = 'pending')`,
    userId,
    userId,
  )
}
