import type { Transaction } from '../database/database'
import type { FollowedEvent } from './event-source'
import { eventAttributes } from '../events/event-store'
import { traceContext } from '../tracing/trace-context'
import { inRootSpan, type Tracer } from '../tracing/tracing'
import { isAt, markSeen, movePosition, type Position } from './follower-store'

/** Applies an event within a transaction; can return what to do after the commit. */
export type EventHandler = (tx: Transaction, event: FollowedEvent) => Promise<AfterCommit | undefined>
/** Must not throw: the event is committed by then. */
export type AfterCommit = () => void

export type EventHandlers = Readonly<Record<string, EventHandler>>

export type AppliedAs = 'handled' | 'duplicate' | 'skipped'

export interface Applied {
  as: AppliedAs
  afterCommit: AfterCommit | undefined
}

/** Applies events and moves the position in one transaction. Returns undefined if `from` is no longer the position. */
export async function applyEvents(
  tx: Transaction,
  {
    feed,
    from,
    events,
    handlers,
    tracer,
  }: {
    feed: string
    from: Position
    events: readonly FollowedEvent[]
    handlers: EventHandlers
    tracer?: Tracer | undefined
  },
): Promise<Applied[] | undefined> {
  const last = events.at(-1)
  if (last === undefined || !(await isAt(tx, feed, from))) return undefined
  const known = events.filter(({ type }) => handlerOf(handlers, type) !== undefined)
  const unseen = await markSeen(
    tx,
    feed,
    known.map(({ id }) => id),
  )
  const taken: Applied[] = []
  for (const event of events) taken.push(await applyEvent(tx, event, { handlers, unseen, tracer }))
  await movePosition(tx, feed, last.id)
  return taken
}

export function handlerOf(handlers: EventHandlers, type: string): EventHandler | undefined {
  return Object.hasOwn(handlers, type) ? handlers[type] : undefined
}

async function applyEvent(
  tx: Transaction,
  event: FollowedEvent,
  { handlers, unseen, tracer }: { handlers: EventHandlers; unseen: Set<string>; tracer: Tracer | undefined },
): Promise<Applied> {
  const handler = handlerOf(handlers, event.type)
  if (handler === undefined) return { as: 'skipped', afterCommit: undefined }
  if (!unseen.delete(event.id)) return { as: 'duplicate', afterCommit: undefined } // a page can have it twice
  const parent = traceContext(event.traceparent)
  const options = { kind: 'consumer', attributes: eventAttributes('process', event.id), parent } as const
  const afterCommit = await inRootSpan(tracer, `process ${event.type}`, options, () => handler(tx, event))
  return { as: 'handled', afterCommit }
}
