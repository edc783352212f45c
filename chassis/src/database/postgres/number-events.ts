import type { Database, Transaction } from '../database'
import { channel } from './change-listener'

/** At most so many events get their numbers in one transaction. */
export const maxNumbered = 1000
// Any number: it is the lock of those who number the same log.
const numberingLock = 7_261_002

/** Returns how many were numbered. */
export async function numberEvents(database: Database): Promise<number> {
  const waiting = await database.read.get('SELECT 1 AS one FROM events WHERE sequence IS NULL LIMIT 1')
  if (waiting === undefined) return 0
  return database.write(async (tx) => {
    if (!(await lock(tx))) return 0
    // A statement of its own: it must see what the last holder of the lock has committed.
    const numbered = await tx.run(
      `UPDATE events SET sequence = numbered.sequence
       FROM (SELECT id, (SELECT COALESCE(MAX(sequence), 0) FROM events) + ROW_NUMBER() OVER (ORDER BY position) AS sequence
             FROM events WHERE sequence IS NULL ORDER BY position LIMIT ?) AS numbered
       WHERE events.id = numbered.id`,
      maxNumbered,
    )
    await tx.get('SELECT pg_notify(?, ?) AS told', channel, '')
    return numbered
  })
}

/** Until the end of the transaction, or of the connection if this process is frozen in it. */
async function lock(tx: Transaction): Promise<boolean> {
  const row = await tx.get<{ locked: boolean }>('SELECT pg_try_advisory_xact_lock(?) AS locked', numberingLock)
  return row?.locked === true
}
