import type { Transaction } from '../database/database'
import { timestamp, type System } from '../system'

export interface NewEvent {
  /** What happened, in the past tense: `thing.done`. */
  type: string
  /** The id of what changed. */
  subject: string
  data: Record<string, string | number | null>
}

/**
 * Writes what happened into the service's own log, in the transaction of the change itself. Numbers are given in the
 * order of commits: on SQLite there is one writer at a time.
 */
export async function appendEvent(
  tx: Transaction,
  system: Pick<System, 'now' | 'newId'>,
  { type, subject, data }: NewEvent,
): Promise<void> {
  await tx.run(
    `INSERT INTO events (sequence, id, type, subject, time, data)
     VALUES ((SELECT COALESCE(MAX(sequence), 0) + 1 FROM events), ?, ?, ?, ?, ?)`,
    system.newId(),
    type,
    subject,
    timestamp(system),
    JSON.stringify(data),
  )
}
