import type { Transaction } from '@tandem/chassis/database/database'
import type { FollowedEvent } from '@tandem/chassis/following/event-source'
import type { AfterCommit, EventHandlers } from '@tandem/chassis/following/apply-events'
import type { System } from '@tandem/chassis/system'
import { z } from 'zod'
import { noteDeparted } from './departed-user-store'
import type { OrderMetrics } from './order-metrics'
import { rejectOrdersOf } from './reject-orders'
import { keepUserCopy } from '../users/user-copy-store'

/** How many orders of a deleted user the handler itself rejects: a page has up to 200 events in one transaction. */
const maxRejected = 10

// Only the members of user-service's events that we read.
const User = z.object({ id: z.guid(), name: z.string().nullable(), version: z.int().min(1) })

interface Deps {
  system: System
  metrics: Pick<OrderMetrics, 'moved'>
}

/** Keeps the copy of users, and rejects the pending orders of deleted users. */
export function userEventHandlers({ system, metrics }: Deps): EventHandlers {
  const keep = async (tx: Transaction, event: FollowedEvent): Promise<undefined> => {
    await keepUserCopy(tx, User.parse(event.data))
  }
  const end = async (tx: Transaction, event: FollowedEvent): Promise<AfterCommit> => {
    const { id, version } = User.parse(event.data)
    await keepUserCopy(tx, { id, name: null, version })
    const rejected = await rejectOrdersOf(tx, system, id, maxRejected)
    await noteDeparted(tx, id)
    return () => {
      for (const order of rejected) metrics.moved(order)
    }
  }
  return { 'user.created': keep, 'user.updated': keep, 'user.deleted': end }
}
