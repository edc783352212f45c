import type { Express } from 'express'
import type { Registry } from 'prom-client'
import type { Authenticator } from '@tandem/chassis/auth/authenticator'
import { jwksRoute } from '@tandem/chassis/auth/jwks-route'
import type { SigningKey } from '@tandem/chassis/auth/signing-key'
import type { Database } from '@tandem/chassis/database/database'
import type { EventFeed } from '@tandem/chassis/events/event-feed'
import { feedRoute } from '@tandem/chassis/events/feed-route'
import type { Follower } from '@tandem/chassis/following/follower'
import { followerRoutes } from '@tandem/chassis/following/follower-routes'
import { createApp } from '@tandem/chassis/server/app'
import { healthRoutes } from '@tandem/chassis/server/health-routes'
import type { Route } from '@tandem/chassis/http/route'
import type { Log } from '@tandem/chassis/log'
import type { System } from '@tandem/chassis/system'
import { orderEvents } from './orders/order-events'
import type { OrderMetrics } from './orders/order-metrics'
import { orderRoutes } from './orders/order-routes'
import { problemTypes } from './problems'
import { productRoutes } from './products/product-routes'
import { userCopyRoutes } from './users/user-copy-routes'
import type { UserClient } from './users/user-client'

const service = 'order-service'

export interface AppDeps {
  database: Database
  feed: EventFeed
  follower: Follower
  users: UserClient
  signingKey: SigningKey
  authenticator: Authenticator
  version: string
  maxInFlight: number
  trustProxy: number
  allowedHosts: readonly string[]
  logClientAddress?: boolean
  registry: Registry
  metrics: OrderMetrics
  isStopping: () => boolean
  system: System
  log: Log
}

export function orderServiceRoutes(deps: Omit<AppDeps, 'authenticator'>): Route[] {
  const { database, feed, follower, signingKey, version, isStopping } = deps
  const { read } = database
  return [
    ...healthRoutes({ service, version, read, isStopping, follower }),
    jwksRoute(signingKey),
    ...productRoutes(deps),
    ...orderRoutes(deps),
    ...userCopyRoutes(deps),
    ...followerRoutes({ follower, read }),
    feedRoute({ feed, types: orderEvents, who: ['admin'] }),
  ]
}

export function createOrderApp(deps: AppDeps): Express {
  return createApp({ ...deps, service, routes: orderServiceRoutes(deps), problemTypes, rateLimitPerMinute: 0 })
}
