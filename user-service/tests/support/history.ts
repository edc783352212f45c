import { randomUUID } from 'node:crypto'
import type { Database, Queries } from '@tandem/chassis/database/database'
import { realSystem, timestamp } from '@tandem/chassis/system'
import { holdCredit } from '../../src/credit/hold-store'
import { appendUserEvent } from '../../src/users/user-events'

/** As after so many changes and orders of a user. */
export async function addHistory(
  database: Database,
  userId: string,
  { events, holds }: { events: number; holds: number },
): Promise<void> {
  await database.write(async (tx) => {
    for (let version = 2; version <= events + 1; version++) {
      await appendUserEvent(tx, realSystem, 'user.updated', { id: userId, name: `Name ${version}`, version })
    }
    const updatedAt = timestamp(realSystem)
    await tx.run('UPDATE users SET version = ?, updated_at = ? WHERE id = ?', events + 1, updatedAt, userId)
    for (let i = 0; i < holds; i++) {
      await holdCredit(tx, realSystem, { orderId: randomUUID(), userId, amountCents: 1 })
    }
  })
}

/** What is still there of a user: events with a name, holds, and whether it is being erased. */
export async function remains({ read }: { read: Queries }, userId: string) {
  const count = async (sql: string) => (await read.get<{ count: number }>(sql, userId))?.count
  return {
    names:
      (await count(`SELECT COUNT(*) AS count FROM events WHERE subject = ? AND data NOT LIKE '%"name":null%'`)) ?? 0,
    held: (await count(`SELECT COUNT(*) AS count FROM holds WHERE user_id = ? AND state = 'held'`)) ?? 0,
    redactions: (await count('SELECT COUNT(*) AS count FROM redactions WHERE subject = ?')) ?? 0,
  }
}
