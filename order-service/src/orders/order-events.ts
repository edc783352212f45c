import type { Transaction } from '@tandem/chassis/database/database'
import { appendEvent } from '@tandem/chassis/events/event-store'
import type { System } from '@tandem/chassis/system'
import { z } from 'zod'
import type { Order } from './order'

const exampleOrder = {
  id: '0190f3c6-52ab-7f04-b7c2-0123456789ab',
  userId: '0190f3c4-7b1a-7c3e-8d2f-0123456789ab',
  totalCents: 4999,
}

const eventOf = <Status extends string, Reason extends z.ZodType>(status: Status, reason: Reason) =>
  z
    .strictObject({ id: z.uuid(), userId: z.guid(), totalCents: z.int(), status: z.literal(status), reason })
    .meta({ examples: [{ ...exampleOrder, status, reason: null }] })

/** The events that this service publishes. */
export const orderEvents = {
  'order.pending': eventOf('pending', z.null()),
  'order.confirmed': eventOf('confirmed', z.null()),
  'order.rejected': eventOf('rejected', z.enum(['insufficient-credit', 'user-not-found'])),
  'order.cancelled': eventOf('cancelled', z.enum(['timed-out', 'requested'])),
}

/** Appends the event for the order's new status. Cancelling is only an intention: it has no event. */
export async function appendOrderEvent(
  tx: Transaction,
  system: Pick<System, 'now' | 'newId'>,
  { id, userId, totalCents, status, reason }: Order,
): Promise<void> {
  if (status === 'cancelling') return
  const type: keyof typeof orderEvents = `order.${status}`
  await appendEvent(tx, system, { type, subject: id, data: { id, userId, totalCents, status, reason } })
}
