import type { Transaction } from '../database/database'

/** Notes that a life of the process begins a first page with this event. Returns whether an earlier life has noted it. */
export async function noteFirstPage(tx: Transaction, feed: string, eventId: string): Promise<boolean> {
  const noted = await tx.run(
    `INSERT INTO tried_events (feed, event_id, lives) VALUES (?, ?, 0)
     ON CONFLICT (feed) DO UPDATE SET event_id = excluded.event_id, lives = 0
       WHERE tried_events.event_id <> excluded.event_id`,
    feed,
    eventId,
  )
  return noted === 0
}

/** Notes that a life of the process begins to handle this event alone. Returns how many lives have, one after the other. */
export async function beginTry(tx: Transaction, feed: string, eventId: string): Promise<number> {
  const row = await tx.get<{ lives: number }>(
    `INSERT INTO tried_events (feed, event_id, lives) VALUES (?, ?, 1)
     ON CONFLICT (feed) DO UPDATE SET
       lives = CASE WHEN tried_events.event_id = excluded.event_id THEN tried_events.lives + 1 ELSE 1 END,
       event_id = excluded.event_id
     RETURNING lives`,
    feed,
    eventId,
  )
  return row?.lives ?? 1
}

export async function forgetTry(tx: Transaction, feed: string): Promise<void> {
  await tx.run('DELETE FROM tried_events WHERE feed = ?', feed)
}
