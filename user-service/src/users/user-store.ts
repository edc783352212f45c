import type { Queries, Transaction } from '@tandem/chassis/database/database'
import type { System } from '@tandem/chassis/system'
import { appendUserEvent, forgetName } from './user-events'
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

/** Answers whether the e-mail address was still free. */
export async function insertUser(tx: Transaction, system: System, user: User): Promise<boolean> {
  const inserted = await tx.run(
    `INSERT INTO users (id, name, email, email_key, credit_cents, version, created_at, updated_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (email_key) DO NOTHING`,
    user.id,
    user.name,
    user.email,
    user.email.toLowerCase(),
    user.creditCents,
    user.version,
    user.createdAt,
    user.updatedAt,
  )
  if (inserted === 0) return false
  await appendUserEvent(tx, system, 'user.created', user)
  return true
}

/** Removes the user with its keys and what is held of it, and its name from the log. Answers whether there was one. */
export async function deleteUser(tx: Transaction, system: System, id: string): Promise<boolean> {
  const user = await tx.get<{ version: number }>('DELETE FROM users WHERE id = ? RETURNING version', id)
  if (user === undefined) return false
  await tx.run('DELETE FROM api_keys WHERE subject = ?', id)
  await tx.run("DELETE FROM holds WHERE user_id = ? AND state <> 'released'", id)
  await forgetName(tx, id)
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
