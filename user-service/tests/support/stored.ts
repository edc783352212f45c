import type { Database } from '@tandem/chassis/database/database'

/** All that user-service keeps, to hold against what it kept before. */
export async function everythingStored({ read }: Database): Promise<unknown> {
  return {
    users: await read.all('SELECT * FROM users ORDER BY id'),
    keys: await read.all('SELECT * FROM api_keys ORDER BY hash'),
    deposits: await read.all('SELECT * FROM deposits ORDER BY id'),
    holds: await read.all('SELECT * FROM holds ORDER BY order_id'),
    events: await read.all('SELECT sequence, id, type, subject, time, data FROM events ORDER BY sequence'),
  }
}

/** The events of a user, oldest first. */
export async function eventsOf({ read }: Database, userId: string): Promise<{ type: string; data: unknown }[]> {
  const rows = await read.all<{ type: string; data: string }>(
    'SELECT type, data FROM events WHERE subject = ? ORDER BY sequence',
    userId,
  )
  return rows.map(({ type, data }) => ({ type, data: JSON.parse(data) }))
}

export async function creditOf({ read }: Database, userId: string): Promise<number | undefined> {
  const row = await read.get<{ credit_cents: number }>('SELECT credit_cents FROM users WHERE id = ?', userId)
  return row?.credit_cents
}

/** What was decided on the orders, sorted: a word for each. */
export async function holdStates({ read }: Database): Promise<string[]> {
  const rows = await read.all<{ state: string }>('SELECT state FROM holds ORDER BY state')
  return rows.map(({ state }) => state)
}

/** The users whose deposits are not what they have and what is held of them. */
export async function usersOutOfBalance({ read }: Database): Promise<unknown[]> {
  return read.all(
    `SELECT id FROM users WHERE
       (SELECT COALESCE(SUM(amount_cents), 0) FROM deposits WHERE user_id = users.id) <>
       credit_cents + (SELECT COALESCE(SUM(amount_cents), 0) FROM holds WHERE user_id = users.id AND state = 'held')`,
  )
}
