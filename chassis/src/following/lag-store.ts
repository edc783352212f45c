import type { Queries, Transaction } from '../database/database'
import type { System } from '../system'
import { lagOf, type Lag, type Measured } from './lag'

// The process that follows says at least each 12 s how far it is: after a long poll, or a time-out and a pause.
const silentMs = 15_000

/** For the other processes: how far the one that follows is behind. */
export async function storeLag(
  tx: Transaction,
  system: Pick<System, 'now'>,
  feed: string,
  { events, behindSince }: Measured,
): Promise<void> {
  await tx.run(
    `INSERT INTO feed_lags (feed, events, behind_since, measured_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (feed) DO UPDATE SET events = excluded.events, behind_since = excluded.behind_since,
       measured_at = excluded.measured_at`,
    feed,
    events,
    behindSince,
    system.now(),
  )
}

/** If nobody has said for a while how far it is, nobody follows: that counts as behind since then. */
export async function readLag(queries: Queries, system: Pick<System, 'now'>, feed: string): Promise<Lag | undefined> {
  const row = await queries.get<Measured & { measuredAt: number }>(
    `SELECT events, behind_since AS "behindSince", measured_at AS "measuredAt" FROM feed_lags WHERE feed = ?`,
    feed,
  )
  if (row === undefined) return undefined
  const isSilent = system.now() - row.measuredAt > silentMs
  return lagOf(isSilent ? { events: null, behindSince: row.behindSince ?? row.measuredAt } : row, system)
}
