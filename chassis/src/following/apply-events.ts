import type { Transaction } from '../database/database'
import type { FollowedEvent } from './feed-client'
import { isAt, markSeen, movePosition, type Position } from './follower-store'

/** What follows from an event, within a transaction; it may answer what is to be done once that is committed. */
export type EventHandler = (tx: Transaction, event: FollowedEvent) => Promise<AfterCommit | undefined>
/** Never throws: the event has taken effect. */
export type AfterCommit = () => void

/** By the type of the event; others are passed over. */
export type EventHandlers = Readonly<Record<string, EventHandler>>

export type AppliedAs = 'handled' | 'duplicate' | 'skipped'

export interface Applied {
  as: AppliedAs
  afterCommit: AfterCommit | undefined
}

/**
 * Lets events take effect and moves the position behind the last of them, in the one transaction. Answers undefined where
 * the position is not `from` any more: then nothing was done.
 */
export async function applyEvents(
  tx: Transaction,
  {
    feed,
    from,
    events,
    handlers,
  }: { feed: string; from: Position; events: readonly FollowedEvent[]; handlers: EventHandlers },
): Promise<Applied[] | undefined> {
  const last = events.at(-1)
  if (last === undefined || !(await isAt(tx, feed, from))) return undefined
  const taken: Applied[] = []
  for (const event of events) taken.push(await applyEvent(tx, feed, event, handlers))
  await movePosition(tx, feed, last.id)
  return taken
}

export function handlerOf(handlers: EventHandlers, type: string): EventHandler | undefined {
  return Object.hasOwn(handlers, type) ? handlers[type] : undefined
}

async function applyEvent(
  tx: Transaction,
  feed: string,
  event: FollowedEvent,
  handlers: EventHandlers,
): Promise<Applied> {
  const handler = handlerOf(handlers, event.type)
  if (handler === undefined) return { as: 'skipped', afterCommit: undefined }
  if (!(await markSeen(tx, feed, event.id))) return { as: 'duplicate', afterCommit: undefined }
  return { as: 'handled', afterCommit: await handler(tx, event) }
}
