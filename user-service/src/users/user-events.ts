import type { Transaction } from '@tandem/chassis/database/database'
import { appendEvent } from '@tandem/chassis/events/append-event'
import type { System } from '@tandem/chassis/system'
import type { User } from './user'

type UserEvent = 'user.created' | 'user.updated' | 'user.deleted'

type EventUser = Pick<User, 'id' | 'version'> & { name: string | null }

export async function appendUserEvent(
  tx: Transaction,
  system: Pick<System, 'now' | 'newId'>,
  type: UserEvent,
  { id, name, version }: EventUser,
): Promise<void> {
  await appendEvent(tx, system, { type, subject: id, data: { id, name, version } })
}

/** Takes the name out of the events that a user has had: the one change that an event may see. */
export async function forgetName(tx: Transaction, userId: string): Promise<void> {
  const events = await tx.all<{ sequence: number; data: string }>(
    'SELECT sequence, data FROM events WHERE subject = ?',
    userId,
  )
  for (const { sequence, data } of events) {
    const nameless = { ...(JSON.parse(data) as EventUser), name: null } // our own row
    await tx.run('UPDATE events SET data = ? WHERE sequence = ?', JSON.stringify(nameless), sequence)
  }
}
