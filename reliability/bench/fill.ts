import { DatabaseSync } from 'node:sqlite'
import { setImmediate as nextTurn } from 'node:timers/promises'

const batch = 20_000 // between two, a signal is handled
const itemsJson = '[{"productId":"cable","quantity":1,"unitPriceCents":1299}]'
const at = '2026-01-01T00:00:00.000Z'

/**
 * Writes confirmed orders into the databases that the services have made, as if they had been placed one after the other:
 * with their steps, their events and their holds. Half of them are the user's, the others those of a thousand others.
 */
export async function fillWithOrders(files: { orders: string; users: string }, count: number, userId: string) {
  await fill(
    files.orders,
    count,
    [
      // Ids as the service makes them, older than any new one: UUIDv7 grow.
      `INSERT INTO orders (id, user_id, items, total_cents, status, created_at, updated_at, placed_by)
     SELECT id, user_id, '${itemsJson}', 1299, 'confirmed', '${at}', '${at}', user_id FROM placed`,
      `INSERT INTO order_steps (order_id, position, at, status, detail)
     SELECT id, position, '${at}', status, detail FROM placed, (${steps})`,
      `INSERT INTO events (sequence, id, type, subject, time, data)
     SELECT 2 * n + position - 2, printf('%08x', n) || printf('-000%d-7000-8000-', position) || tail, 'order.' || status, id, '${at}',
       json_object('id', id, 'userId', user_id, 'totalCents', 1299, 'status', status, 'reason', NULL)
     FROM placed, (${steps})`,
    ],
    userId,
  )
  await fill(
    files.users,
    count,
    [
      `INSERT INTO holds (order_id, user_id, state, amount_cents, decided_at) SELECT id, user_id, 'held', 1299, '${at}' FROM placed`,
    ],
    userId,
  )
}

const steps = `SELECT 1 AS position, 'pending' AS status, 'stored' AS detail UNION ALL SELECT 2, 'confirmed', 'confirmed'`

async function fill(file: string, count: number, statements: readonly string[], userId: string): Promise<void> {
  const database = new DatabaseSync(file)
  try {
    database.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -200000')
    for (let first = 1; first <= count; first += batch) {
      database.exec('BEGIN')
      const last = Math.min(first + batch - 1, count)
      for (const statement of statements) database.exec(placed(first, last, userId) + statement)
      database.exec('COMMIT')
      await nextTurn()
    }
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  } finally {
    database.close()
  }
}

/** The orders numbered so, the same in each statement. */
function placed(first: number, last: number, userId: string): string {
  return `
    WITH RECURSIVE numbers (n) AS (VALUES (${first}) UNION ALL SELECT n + 1 FROM numbers WHERE n < ${last}),
    placed (n, id, tail, user_id) AS (
      SELECT n, printf('%08x-0000-7000-8000-%012x', n, n * 7919), printf('%012x', n * 7919),
        CASE n % 2 WHEN 0 THEN '${userId}' ELSE printf('00000000-0000-7000-8000-%012x', n % 1000) END
      FROM numbers)`
}

/** The id of the user's order after which about a tenth of them come, as they are listed: the newest first. */
export function deepOrder(file: string, count: number, userId: string): string {
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    const sql = 'SELECT id FROM orders WHERE user_id = ? ORDER BY id LIMIT 1 OFFSET ?'
    return String(database.prepare(sql).get(userId, Math.floor(count / 20))?.id)
  } finally {
    database.close()
  }
}
