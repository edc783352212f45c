import type { Queries, Transaction } from '@tandem/chassis/database/database'
import { inList } from '@tandem/chassis/database/sql-parts'

/** The local copy of a user. */
export interface UserCopy {
  id: string
  name: string
}

/** Returns undefined for an unknown or deleted user. */
export async function findUserCopy(queries: Queries, id: string): Promise<UserCopy | undefined> {
  return queries.get<UserCopy>('SELECT id, name FROM user_copies WHERE id = ? AND name IS NOT NULL', id)
}

/** By their ids; unknown and deleted users are left out. */
export async function findUserCopies(queries: Queries, ids: readonly string[]): Promise<Map<string, UserCopy>> {
  const { marks, list } = inList(ids)
  const rows = await queries.all<UserCopy>(
    `SELECT id, name FROM user_copies WHERE id IN (${marks}) AND name IS NOT NULL`,
    ...list,
  )
  return new Map(rows.map((row) => [row.id, row]))
}

/**
 * Stores the name unless a newer version is stored, and counts the event. A deleted user's row stays with a null name so
 * that a late event cannot resurrect it.
 */
export async function keepUserCopy(
  tx: Transaction,
  { id, name, version }: { id: string; name: string | null; version: number },
): Promise<void> {
  await tx.run(
    `INSERT INTO user_copies (id, name, version, changes) VALUES (?, ?, ?, 1)
     ON CONFLICT (id) DO UPDATE SET
       name = CASE WHEN user_copies.version < excluded.version THEN excluded.name ELSE user_copies.name END,
       version = CASE WHEN user_copies.version < excluded.version THEN excluded.version ELSE user_copies.version END,
       changes = user_copies.changes + 1`,
    id,
    name,
    version,
  )
}

/** Deletes at most `limit` copies. Returns how many. */
export async function deleteUserCopies(tx: Transaction, limit: number): Promise<number> {
  return tx.run('DELETE FROM user_copies WHERE id IN (SELECT id FROM user_copies LIMIT ?)', limit)
}
