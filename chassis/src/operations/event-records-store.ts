import type { Queries } from '../database/database'
import { inPages } from '../database/snapshot'
import type { StoredEvent } from '../events/event-store'

type EventRow = Omit<StoredEvent, 'redacted'> & { kind: 'event' }

export async function* eventRecords(queries: Queries): AsyncGenerator<object> {
  const sql = `SELECT 'event' AS kind, sequence, id, type, subject, time, data FROM events
               WHERE sequence > ? ORDER BY sequence LIMIT ?`
  for await (const event of inPages<EventRow>(queries, sql, 0, ({ sequence }) => sequence)) {
    yield { ...event, data: JSON.parse(event.data) as unknown }
  }
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
