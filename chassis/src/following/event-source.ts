import { z } from 'zod'
import { id } from '../http/fields'
import type { Position } from './follower-store'

export type FollowedEvent = z.infer<typeof FollowedEvent>

// Only the CloudEvents members that we read; each handler parses `data` itself.
export const FollowedEvent = z.object({
  specversion: z.literal('1.0'),
  id,
  type: z.string(),
  time: z.iso.datetime({ offset: true }),
  traceparent: z.string().optional(),
  data: z.unknown(),
})

export interface ReadFeed {
  after: Position
  limit: number
  waitMs: number
  requestId?: string
}

export interface ReadPage {
  events: FollowedEvent[]
  /** How many events follow these; undefined if the upstream does not say. */
  remaining: number | undefined
}

/** Where a follower has the events of another service from, in their order and without a gap. */
export interface EventSource {
  /** Returns `unknown-event` if the upstream has no event with the id in `after`. Throws FeedUnreadable. */
  read(request: ReadFeed): Promise<ReadPage | 'unknown-event'>
  /** Until the next read, another process reads. */
  close?(): Promise<void>
}
