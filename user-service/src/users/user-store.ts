import { send, type Queries, type Transaction } from '@tandem/chassis/database/database'
import type { System } from '@tandem/chassis/system'
import { appendUserEvent } from './user-events'
import type { User } from './user'

interface UserRow {
  id: string
  name: string
  email: string
  credit_cents: number
  version: number
  created_at: string
  updated_at: string
}

const columns = 'id, name, email, credit_cents, version, created_at, updated_at'

export async function findUser(queries: Queries, id: string): Promise<User | undefined> {
  const row = await queries.get<UserRow>(`SELECT ${columns} FROM users WHERE id = ?`, id)
  return row && toUser(row)
}

/** Stores a user; its first deposit adds the credit. Returns false if the e-mail address is taken. */
export async function insertUser(tx: Transaction, system: System, user: User): Promise<boolean> {
  const inserted = await tx.run(
    `INSERT INTO users (id, name, email, email_key, credit_cents, deposited_cents, version, created_at, updated_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (email_key) DO NOTHING`,
    user.id,
    user.name,
    user.email,
    user.email.toLowerCase(),
    user.creditCents,
    user.creditCents,
    user.version,
    user.createdAt,
    user.updatedAt,
  )
  if (inserted === 0) return false
  await appendUserEvent(tx, system, 'user.created', user)
  return true
}

/** Newest first. */
export async function listUsers(queries: Queries, { after, limit }: { after?: string | undefined; limit: number }) {
  const where = after === undefined ? '' : 'WHERE id < ?'
  const values = after === undefined ? [] : [after]
  const rows = await queries.all<UserRow>(
    `SELECT ${columns} FROM users ${where} ORDER BY id DESC LIMIT ?`,
    ...values,
    limit,
  )
  return rows.map(toUser)
}

/**
 * Locks the user's row until the end of the unit, so that what the unit reads afterwards is what others have committed. It is
 * the first row that a unit locks: then no two units wait for each other. Units on SQLite run one after the other.
 */
export async function lockUser(tx: Transaction, id: string): Promise<void> {
  if (tx.isConcurrent) await send(tx, 'SELECT id FROM users WHERE id = ? FOR UPDATE', id)
}

/** Writes name and e-mail of the next version. Returns false if the e-mail address is taken. */
export async function updateUser(tx: Transaction, system: System, from: User, to: User): Promise<boolean> {
  const taken = await tx.get('SELECT id FROM users WHERE email_key = ? AND id <> ?', to.email.toLowerCase(), to.id)
  if (taken) return false
  const changed = await tx.run(
    'UPDATE users SET name = ?, email = ?, email_key = ?, version = ?, updated_at = ? WHERE id = ? AND version = ?',
    to.name,
    to.email,
    to.email.toLowerCase(),
    to.version,
    to.updatedAt,
    to.id,
    from.version,
  )
  if (changed === 0) throw new Error(`user ${to.id} changed within one transaction`)
  await appendUserEvent(tx, system, 'user.updated', to)
  return true
}

/** Deletes the row and appends the event. What else the user has is deleted by its use case. Returns whether there was one. */
export async function deleteUserRow(tx: Transaction, system: System, id: string): Promise<boolean> {
  const user = await tx.get<{ version: number }>('DELETE FROM users WHERE id = ? RETURNING version', id)
  if (user === undefined) return false
  await appendUserEvent(tx, system, 'user.deleted', { id, name: null, version: user.version + 1 })
  return true
}

function toUser(row: UserRow): User {
  return {
    id: row.id,
    name: row.name,
    email: row.email,
    creditCents: row.credit_cents,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
