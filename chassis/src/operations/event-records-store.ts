import type { Queries } from '../database/database'
import { inPages } from '../database/snapshot'
import type { StoredEvent } from '../events/event-store'

type EventRow = Omit<StoredEvent, 'redacted'> & { kind: 'event' }

const events = `SELECT 'event' AS kind, sequence, id, type, subject, time, data FROM events`

/** In the order of the log; last those that have no number yet, by their ids, which are in the order of time. */
export async function* eventRecords(queries: Queries): AsyncGenerator<object> {
  const numbered = `${events} WHERE sequence > ? ORDER BY sequence LIMIT ?`
  const unnumbered = `${events} WHERE sequence IS NULL AND id > ? ORDER BY id LIMIT ?`
  yield* withData(inPages<EventRow>(queries, numbered, 0, ({ sequence }) => sequence))
  yield* withData(inPages<EventRow>(queries, unnumbered, '', ({ id }) => id))
}

async function* withData(rows: AsyncIterable<EventRow>): AsyncGenerator<object> {
  for await (const row of rows) yield { ...row, data: JSON.parse(row.data) as unknown }
}

export function redactionRecords(queries: Queries): AsyncGenerator<object> {
  const sql = `SELECT 'redaction' AS kind, subject, since FROM redactions WHERE subject > ? ORDER BY subject LIMIT ?`
  return inPages<{ subject: string }>(queries, sql, '', ({ subject }) => subject)
}

export async function* followedRecords(queries: Queries): AsyncGenerator<object> {
  yield* await queries.all<object>(`SELECT 'position' AS kind, feed, last_event_id AS "eventId" FROM followed_feeds`)
  yield* await queries.all<object>(
    `SELECT 'parked-event' AS kind, feed, event_id AS id, error FROM parked_events ORDER BY feed, event_id`,
  )
}
