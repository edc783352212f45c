import type { Queries, Transaction } from '@tandem/chassis/database/database'
import { appendEvent, hasEvent } from '@tandem/chassis/events/event-store'
import type { System } from '@tandem/chassis/system'
import { z } from 'zod'

const EventUser = z
  .strictObject({ id: z.uuid(), name: z.string().nullable(), version: z.int().min(1) })
  .meta({ id: 'EventUser', examples: [{ id: '0190f3c4-7b1a-7c3e-8d2f-0123456789ab', name: 'Ada', version: 1 }] })
type EventUser = z.infer<typeof EventUser>

/** The events that this service publishes. A deleted user's name is null, in earlier events too. */
export const userEvents = { 'user.created': EventUser, 'user.updated': EventUser, 'user.deleted': EventUser }

export async function appendUserEvent(
  tx: Transaction,
  system: Pick<System, 'now' | 'newId'>,
  type: keyof typeof userEvents,
  { id, name, version }: EventUser,
): Promise<void> {
  await appendEvent(tx, system, { type, subject: id, data: { id, name, version } })
}

export async function wasDeleted(queries: Queries, userId: string): Promise<boolean> {
  return hasEvent(queries, { type: 'user.deleted', subject: userId })
}
