import { isUnavailable } from '../database/unavailable'
import { Failure } from '../failure'
import type { FollowedEvent } from './event-source'
import { FeedUnreadable } from './feed-client'
import type { FollowerOptions } from './follower-options'
import {
  findParked,
  insertParked,
  isAt,
  lockFeed,
  markSeen,
  movePosition,
  removeParked,
  updateParked,
  type Position,
} from './follower-store'
import { handlerOf } from './apply-events'

const maxReasonLength = 500

/** Parks a failed event and moves past it. Returns false if the position has moved meanwhile. */
export async function park(
  { database, feed, system, log }: FollowerOptions,
  { from, event, error }: { from: Position; event: FollowedEvent; error: unknown },
): Promise<boolean> {
  const { id: eventId, type } = event
  const parked = await database.write(async (tx) => {
    if (!(await isAt(tx, feed, from))) return false
    await markSeen(tx, feed, [eventId])
    await insertParked(tx, system, { feed, eventId, after: from, error: reasonOf(error) })
    await movePosition(tx, feed, eventId)
    return true
  })
  if (parked) log.error({ feed, eventId, type, err: error }, 'event parked')
  return parked
}

export async function retryParked(options: FollowerOptions, eventId: string, requestId: string): Promise<void> {
  const { database, feed, handlers, log } = options
  const parked = await findParked(database.read, feed, eventId)
  if (parked === undefined) throw new Failure('not-found')
  const event = await readAgain(options, eventId, parked.after, requestId)
  const handled = database.write(async (tx) => {
    await lockFeed(tx, feed)
    if (!(await removeParked(tx, feed, eventId))) return 'gone' // by a concurrent retry, or by starting over
    return handlerOf(handlers, event.type)?.(tx, event)
  })
  const outcome = await handled.catch(async (cause: unknown) => {
    if (isUnavailable(cause)) throw cause
    await database.write((tx) => updateParked(tx, feed, eventId, reasonOf(cause)))
    throw new Failure('event-not-handled', { cause })
  })
  if (outcome === 'gone') return
  outcome?.()
  log.info({ requestId, feed, eventId }, 'parked event handled')
}

async function readAgain(
  { client }: FollowerOptions,
  eventId: string,
  after: Position,
  requestId: string,
): Promise<FollowedEvent> {
  const page = await client.read({ after, limit: 1, waitMs: 0, requestId }).catch((cause: unknown) => {
    if (!(cause instanceof FeedUnreadable)) throw cause
    throw new Failure('unavailable', { detail: 'The feed cannot be read now. Try again later.', cause })
  })
  const event = page === 'unknown-event' ? undefined : page.events.find(({ id }) => id === eventId)
  if (event === undefined) throw new Failure('event-not-handled', { detail: 'The feed no longer has this event.' })
  return event
}

export function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, maxReasonLength)
}
