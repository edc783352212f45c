import type { Transaction } from '../database/database'
import { timestamp, type System } from '../system'

export interface NewEvent {
  /** In the past tense: `thing.done`. */
  type: string
  subject: string
  data: Record<string, string | number | null>
}

/** Appends to the event log within the transaction of the change. Sequence numbers follow commit order (one writer). */
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
