import { tokenSeconds } from '@tandem/chassis/auth/signing-key'
import { eventsOf } from '@tandem/chassis/broker/open-broker'
import { FeedClient } from '@tandem/chassis/following/feed-client'
import { Follower } from '@tandem/chassis/following/follower'
import { followerMetrics, lagMetrics } from '@tandem/chassis/following/follower-metrics'
import { followerRoutes } from '@tandem/chassis/following/follower-routes'
import type { ServiceContext } from '@tandem/chassis/service/service-definition'
import { upstreamMetrics } from '@tandem/chassis/upstream/upstream-metrics'
import { callLimits, UpstreamClient } from '@tandem/chassis/upstream/upstream-client'
import type { Config } from './config'
import { migrations } from './database/migrations'
import { userEventHandlers } from './orders/on-user-events'
import { orderEvents } from './orders/order-events'
import { countUnfinished, orderMetrics } from './orders/order-metrics'
import { orderRoutes } from './orders/order-routes'
import { makeAllDue } from './orders/settlement-queue'
import { Settler } from './orders/settler'
import { problemTypes } from './problems'
import { productRoutes } from './products/product-routes'
import { SharedHolds } from './users/shared-holds'
import { UserClient } from './users/user-client'
import { userCopyRoutes } from './users/user-copy-routes'
import { deleteUserCopies } from './users/user-copy-store'

const maxFeedBytes = 1024 * 1024 // a page has 200 events of at most 1 kB

/** order-service, for startService. */
export function orderService(config: Pick<Config, 'userServiceUrl' | 'pendingTimeoutMs'>) {
  const { userServiceUrl: baseUrl } = config
  const jwksUrl = `${baseUrl}/.well-known/jwks.json`
  return {
    name: 'order-service',
    migrations,
    problemTypes,
    events: { types: orderEvents, who: ['admin'] },
    trusts: [{ issuer: 'user-service', jwksUrl, scopes: ['user', 'admin'], maxTokenSeconds: tokenSeconds.access }],
    build: (context: ServiceContext) => {
      const { database, broker, connect, tokensFor, tracer, registry, system, log } = context
      const tokens = tokensFor('user-service')
      const upstream = new UpstreamClient(connect({ baseUrl, maxSockets: callLimits.inFlight }, system), system)
      upstreamMetrics(registry, 'user-service', upstream)
      const users = new UserClient(upstream, tokens, log)
      const metrics = orderMetrics(registry, database, system)
      const deps = { database, system, users, metrics, tracer, log }
      const settler = new Settler(deps, config)

      const feedTransport = connect({ baseUrl, maxResponseBytes: maxFeedBytes }, system)
      const client = new FeedClient(feedTransport, tokens, system)
      const follower = new Follower({
        feed: 'user-service',
        client,
        source: eventsOf('user-service', { reader: 'order-service', feed: client, broker, system }),
        handlers: userEventHandlers({ system, metrics }),
        forget: deleteUserCopies,
        metrics: followerMetrics(registry, 'user-service', database.read),
        database,
        tracer,
        system,
        log,
      })
      lagMetrics(registry, follower)
      return {
        routes: [
          ...productRoutes({ database }),
          ...orderRoutes({ ...deps, users: new SharedHolds(users, system, log) }),
          ...userCopyRoutes({ follower }),
          ...followerRoutes({ follower, read: database.read }),
        ],
        jobs: [settler, follower],
        follower,
        upstreams: { 'user-service': upstream },
        unfinished: () => countUnfinished(database.read),
        prepare: () => makeAllDue(database, system),
        users,
        metrics,
        settler,
      }
    },
  }
}
