import type { Queries, Transaction } from '../database/database'
import { rowsOf } from '../database/sql-parts'
import { timestamp, type System } from '../system'
import { forgetTry } from './tried-events-store'

/** The id of the last applied event; undefined before the first. */
export type Position = string | undefined

export interface ParkedEvent {
  id: string
  feed: string
  error: string
  parkedAt: string
}

export async function readPosition(queries: Queries, feed: string): Promise<Position> {
  const row = await queries.get<{ last_event_id: string }>(
    'SELECT last_event_id FROM followed_feeds WHERE feed = ?',
    feed,
  )
  return row?.last_event_id
}

/** Lets one unit at a time change what is kept of the feed. Units on SQLite run one after the other. */
export async function lockFeed(tx: Transaction, feed: string): Promise<void> {
  if (tx.isConcurrent) await tx.get('SELECT pg_advisory_xact_lock(hashtextextended(?, 1)) AS locked', feed)
}

/** Whether the next event to be taken is the one after this position, until the end of the transaction. */
export async function isAt(tx: Transaction, feed: string, position: Position): Promise<boolean> {
  await lockFeed(tx, feed)
  return (await readPosition(tx, feed)) === position && !(await isEmptying(tx, feed))
}

export async function movePosition(tx: Transaction, feed: string, eventId: string): Promise<void> {
  await tx.run(
    `INSERT INTO followed_feeds (feed, last_event_id) VALUES (?, ?)
     ON CONFLICT (feed) DO UPDATE SET last_event_id = excluded.last_event_id`,
    feed,
    eventId,
  )
}

/** Returns those that were not marked before. */
export async function markSeen(tx: Transaction, feed: string, eventIds: readonly string[]): Promise<Set<string>> {
  if (eventIds.length === 0) return new Set()
  const { rows, list } = rowsOf(feed, eventIds)
  const marked = await tx.all<{ id: string }>(
    `INSERT INTO seen_events (feed, event_id) VALUES ${rows} ON CONFLICT (feed, event_id) DO NOTHING
     RETURNING event_id AS id`,
    ...list,
  )
  return new Set(marked.map(({ id }) => id))
}

/** Forgets the position. Until `endEmptying`, what was kept of the feed's events is being deleted. */
export async function beginEmptying(tx: Transaction, feed: string): Promise<void> {
  await tx.run('DELETE FROM followed_feeds WHERE feed = ?', feed)
  await forgetTry(tx, feed)
  await tx.run('INSERT INTO emptied_feeds (feed) VALUES (?) ON CONFLICT (feed) DO NOTHING', feed)
}

export async function isEmptying(queries: Queries, feed: string): Promise<boolean> {
  return (await queries.get('SELECT feed FROM emptied_feeds WHERE feed = ?', feed)) !== undefined
}

export async function endEmptying(tx: Transaction, feed: string): Promise<void> {
  await tx.run('DELETE FROM emptied_feeds WHERE feed = ?', feed)
}

/** Deletes at most `limit` each of the feed's marks and parked events. Returns whether none is left. */
export async function forgetSome(tx: Transaction, feed: string, limit: number): Promise<boolean> {
  const deleted = []
  for (const table of ['seen_events', 'parked_events']) {
    const page = `SELECT event_id FROM ${table} WHERE feed = ? LIMIT ?`
    deleted.push(await tx.run(`DELETE FROM ${table} WHERE feed = ? AND event_id IN (${page})`, feed, feed, limit))
  }
  return deleted.every((rows) => rows < limit)
}

export async function insertParked(
  tx: Transaction,
  system: Pick<System, 'now'>,
  { feed, eventId, after, error }: { feed: string; eventId: string; after: Position; error: string },
): Promise<void> {
  await tx.run(
    'INSERT INTO parked_events (feed, event_id, after_event_id, error, parked_at) VALUES (?, ?, ?, ?, ?)',
    feed,
    eventId,
    after ?? null,
    error,
    timestamp(system),
  )
}

export async function updateParked(tx: Transaction, feed: string, eventId: string, error: string): Promise<void> {
  await tx.run('UPDATE parked_events SET error = ? WHERE feed = ? AND event_id = ?', error, feed, eventId)
}

export async function removeParked(tx: Transaction, feed: string, eventId: string): Promise<boolean> {
  return (await tx.run('DELETE FROM parked_events WHERE feed = ? AND event_id = ?', feed, eventId)) > 0
}

export async function listParked(
  queries: Queries,
  feed: string,
  { after, limit }: { after?: string | undefined; limit: number },
): Promise<ParkedEvent[]> {
  const where = after === undefined ? '' : 'AND event_id < ?'
  const values = after === undefined ? [] : [after]
  return queries.all<ParkedEvent>(
    `SELECT event_id AS id, feed, error, parked_at AS "parkedAt" FROM parked_events
     WHERE feed = ? ${where} ORDER BY event_id DESC LIMIT ?`,
    feed,
    ...values,
    limit,
  )
}

/** Returns a parked event's place in its feed; undefined if no such event is parked. */
export async function findParked(
  queries: Queries,
  feed: string,
  eventId: string,
): Promise<{ after: Position } | undefined> {
  const row = await queries.get<{ after_event_id: string | null }>(
    'SELECT after_event_id FROM parked_events WHERE feed = ? AND event_id = ?',
    feed,
    eventId,
  )
  return row && { after: row.after_event_id ?? undefined }
}

export async function countParked(queries: Queries, feed: string): Promise<number> {
  const row = await queries.get<{ parked: number }>('SELECT COUNT(*) AS parked FROM parked_events WHERE feed = ?', feed)
  return row?.parked ?? 0
}
