import type { TokenSource } from '@tandem/chassis/auth/token-source'
import { UpstreamClient } from '@tandem/chassis/upstream/upstream-client'
import type { Transport } from '@tandem/chassis/upstream/transport'
import type { Database } from '@tandem/chassis/database/database'
import { EventFeed } from '@tandem/chassis/events/event-feed'
import { FeedClient } from '@tandem/chassis/following/feed-client'
import { Follower } from '@tandem/chassis/following/follower'
import type { Log } from '@tandem/chassis/log'
import { feedMetrics } from '@tandem/chassis/events/feed-metrics'
import { followerMetrics } from '@tandem/chassis/following/follower-metrics'
import { upstreamMetrics } from '@tandem/chassis/upstream/upstream-metrics'
import type { System } from '@tandem/chassis/system'
import type { Registry } from 'prom-client'
import { orderMetrics } from './orders/order-metrics'
import { Settler } from './orders/settler'
import { deleteUserCopies } from './users/user-copy-store'
import { userEventHandlers } from './orders/on-user-events'
import { UserClient } from './users/user-client'

interface Deps {
  database: Database
  /** To user-service: for calls, and for its feed. */
  transport: Transport
  feedTransport: Transport
  tokens: Pick<TokenSource, 'token'>
  pendingTimeoutMs: number
  registry: Registry
  system: System
  log: Log
}

/** What does the work of order-service, put together; nothing of it has been started. */
export function orderServiceParts(deps: Deps) {
  const { database, transport, feedTransport, tokens, registry, system, log } = deps
  const feed = new EventFeed({ source: '/order-service', database, system })
  feedMetrics(registry, feed)

  const neighbour = new UpstreamClient(transport, system)
  upstreamMetrics(registry, 'user-service', neighbour)
  const users = new UserClient(neighbour, tokens, log)
  const metrics = orderMetrics(registry, database, system)
  const settler = new Settler({ database, system, users, metrics, log }, deps)

  const follower = new Follower({
    feed: 'user-service',
    client: new FeedClient(feedTransport, tokens, system),
    handlers: userEventHandlers({ system, metrics }),
    forget: deleteUserCopies,
    database,
    system,
    log,
  })
  followerMetrics(registry, follower, database.read)
  return { feed, users, metrics, settler, follower }
}
