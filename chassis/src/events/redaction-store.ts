import type { Queries, Transaction } from '../database/database'
import { timestamp, type System } from '../system'

type Data = Record<string, string | number | null>

/** From this commit on the feed shows null for these members of the subject's events; `redactSome` changes the log. */
export async function beginRedaction(
  tx: Transaction,
  system: Pick<System, 'now'>,
  subject: string,
  members: readonly string[],
): Promise<void> {
  await tx.run(
    "INSERT INTO redactions (subject, members, after_event_id, since) VALUES (?, ?, '', ?)",
    subject,
    JSON.stringify(members),
    timestamp(system),
  )
}

/** Redacts at most `limit` events. Returns true when all are done. Needs an index on events (subject, id). */
export async function redactSome(tx: Transaction, subject: string, limit: number): Promise<boolean> {
  const redaction = await tx.get<{ members: string; after: string }>(
    'SELECT members, after_event_id AS "after" FROM redactions WHERE subject = ?',
    subject,
  )
  if (redaction === undefined) return true
  const events = await tx.all<{ id: string; data: string }>(
    'SELECT id, data FROM events WHERE subject = ? AND id > ? ORDER BY id LIMIT ?',
    subject,
    redaction.after,
    limit,
  )
  for (const { id, data } of events) {
    const redacted = redact(data, redaction.members)
    if (redacted !== data) await tx.run('UPDATE events SET data = ? WHERE id = ?', redacted, id)
  }
  const last = events.at(-1)
  if (last) await tx.run('UPDATE redactions SET after_event_id = ? WHERE subject = ?', last.id, subject)
  return events.length < limit
}

export async function endRedaction(tx: Transaction, subject: string): Promise<void> {
  await tx.run('DELETE FROM redactions WHERE subject = ?', subject)
}

export async function nextRedaction(queries: Queries): Promise<string | undefined> {
  const row = await queries.get<{ subject: string }>('SELECT subject FROM redactions ORDER BY subject LIMIT 1')
  return row?.subject
}

export function redact(data: string, members: string): string {
  const whole = JSON.parse(data) as Data // our own rows
  const nulls = (JSON.parse(members) as string[])
    .filter((name) => Object.hasOwn(whole, name))
    .map((name) => [name, null])
  return JSON.stringify({ ...whole, ...(Object.fromEntries(nulls) as Data) })
}
