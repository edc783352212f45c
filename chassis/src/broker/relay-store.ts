import type { Queries, Transaction } from '../database/database'

export interface RelayPosition {
  /** The id of the last event that was relayed; null before the first. */
  eventId: string | null
  /** Its number; 0 before the first. */
  sequence: number
}

/** Undefined before the first start of a relay. */
export async function findRelayPosition(queries: Queries): Promise<RelayPosition | undefined> {
  return queries.get<RelayPosition>(
    `SELECT last_event_id AS "eventId", COALESCE(sequence, 0) AS sequence
     FROM relays LEFT JOIN events ON events.id = last_event_id`,
  )
}

/** Begins with what is appended from now on: who follows reads what came before from the feed. */
export async function beginRelaying(tx: Transaction): Promise<void> {
  await tx.run(
    `INSERT INTO relays (relay, last_event_id)
     VALUES ('broker', (SELECT id FROM events WHERE sequence IS NOT NULL ORDER BY sequence DESC LIMIT 1))
     ON CONFLICT (relay) DO NOTHING`,
  )
}

export async function moveRelay(tx: Transaction, eventId: string): Promise<void> {
  await tx.run('UPDATE relays SET last_event_id = ?', eventId)
}
