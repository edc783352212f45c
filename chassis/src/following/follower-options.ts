import type { Database, Transaction } from '../database/database'
import type { Log } from '../log'
import type { System } from '../system'
import type { Tracer } from '../tracing/tracing'
import type { EventSource } from './event-source'
import type { FeedClient } from './feed-client'
import type { EventHandlers } from './apply-events'
import type { FollowerMetrics } from './follower-metrics'

export interface FollowerOptions {
  /** The name of the service whose feed it is. */
  feed: string
  client: FeedClient
  /** Where its events come from; unless given, from the feed. */
  source?: EventSource
  handlers: EventHandlers
  /** Deletes at most `limit` rows of what the handlers made of the feed's events. Returns how many it deleted. */
  forget: (tx: Transaction, limit: number) => Promise<number>
  database: Database
  metrics: FollowerMetrics
  tracer?: Tracer | undefined
  system: System
  log: Log
}
