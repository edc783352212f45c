import type { Queries, Transaction } from '@tandem/chassis/database/database'

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

/** Returns a deleted user who may still have pending orders. */
export async function nextDeparted(queries: Queries): Promise<string | undefined> {
  const row = await queries.get<{ userId: string }>(
    'SELECT user_id AS "userId" FROM departed_users ORDER BY user_id LIMIT 1',
  )
  return row?.userId
}

export async function forgetDeparted(tx: Transaction, userId: string): Promise<void> {
  await tx.run('DELETE FROM departed_users WHERE user_id = ?', userId)
}
