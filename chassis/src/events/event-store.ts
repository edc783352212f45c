import { send, type Queries, type Transaction } from '../database/database'
import { timestamp, type System } from '../system'
import { currentTrace, inSpan } from '../tracing/tracing'

export interface NewEvent {
  /** In the past tense: `thing.done`. */
  type: string
  subject: string
  data: Record<string, string | number | null>
}

/**
 * Appends to the event log within the transaction of the change. Numbers follow the order of the commits: with one writer
 * the event has its number at once; with several, EventNumbering gives it one after the commit.
 */
export async function appendEvent(
  tx: Transaction,
  system: Pick<System, 'now' | 'newId'>,
  { type, subject, data }: NewEvent,
): Promise<void> {
  const sequence = tx.isConcurrent ? 'NULL' : '(SELECT COALESCE(MAX(sequence), 0) + 1 FROM events)'
  const id = system.newId()
  await inSpan(`send ${type}`, { kind: 'producer', attributes: eventAttributes('send', id) }, async () => {
    await send(
      tx,
      `INSERT INTO events (sequence, id, type, subject, time, data, traceparent)
       VALUES (${sequence}, ?, ?, ?, ?, ?, ?)`,
      id,
      type,
      subject,
      timestamp(system),
      JSON.stringify(data),
      currentTrace()?.traceparent ?? null,
    )
  })
}

/** What a span says of an event. */
export function eventAttributes(operation: 'send' | 'publish' | 'process', id: string): Record<string, string> {
  return { 'messaging.system': 'tandem', 'messaging.operation.name': operation, 'messaging.message.id': id }
}

export interface StoredEvent {
  sequence: number
  id: string
  type: string
  subject: string
  time: string
  data: string
  /** The members being redacted, as JSON; null if none. */
  redacted: string | null
  traceparent: string | null
}

/** In one statement, because a redaction could begin or end between two. */
export async function listEvents(
  queries: Queries,
  { after, limit }: { after: number; limit: number },
): Promise<StoredEvent[]> {
  return queries.all<StoredEvent>(
    `SELECT sequence, id, type, events.subject, time, data, traceparent,
       redactions.members AS redacted
     FROM events LEFT JOIN redactions ON redactions.subject = events.subject
     WHERE sequence > ? ORDER BY sequence LIMIT ?`,
    after,
    limit,
  )
}

export async function sequenceOf(queries: Queries, eventId: string): Promise<number | undefined> {
  return (await queries.get<{ sequence: number }>('SELECT sequence FROM events WHERE id = ?', eventId))?.sequence
}

/** The newest number, 0 if there is none, and how many committed events have no number yet. */
export async function logState(queries: Queries): Promise<{ newest: number; unnumbered: number }> {
  const state = await queries.get<{ newest: number | null; unnumbered: number }>(
    `SELECT (SELECT MAX(sequence) FROM events) AS newest,
       (SELECT COUNT(*) FROM events WHERE sequence IS NULL) AS unnumbered`,
  )
  return { newest: state?.newest ?? 0, unnumbered: state?.unnumbered ?? 0 }
}

/** How many committed events have no number yet, and the time of the oldest. */
export async function unnumberedEvents(queries: Queries): Promise<{ count: number; oldest: string | null }> {
  const found = await queries.get<{ count: number; oldest: string | null }>(
    'SELECT COUNT(*) AS count, MIN(time) AS oldest FROM events WHERE sequence IS NULL',
  )
  return found ?? { count: 0, oldest: null }
}

export async function hasEvent(
  queries: Queries,
  { type, subject }: { type: string; subject: string },
): Promise<boolean> {
  const event = await queries.get('SELECT id FROM events WHERE subject = ? AND type = ? LIMIT 1', subject, type)
  return event !== undefined
}
