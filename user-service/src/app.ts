import type { Express } from 'express'
import type { Registry } from 'prom-client'
import type { Authenticator } from '@tandem/chassis/auth/authenticator'
import { jwksRoute } from '@tandem/chassis/auth/jwks-route'
import type { SigningKey } from '@tandem/chassis/auth/signing-key'
import { callLimits } from '@tandem/chassis/upstream/upstream-client'
import type { Database } from '@tandem/chassis/database/database'
import type { EventFeed } from '@tandem/chassis/events/event-feed'
import { feedRoute } from '@tandem/chassis/events/feed-route'
import { createApp } from '@tandem/chassis/server/app'
import { healthRoutes } from '@tandem/chassis/server/health-routes'
import type { Route } from '@tandem/chassis/http/route'
import type { Log } from '@tandem/chassis/log'
import type { System } from '@tandem/chassis/system'
import { creditRoutes } from './credit/credit-routes'
import { problemTypes } from './problems'
import { findApiKeyOwner } from './tokens/api-key-store'
import { tokenRoutes } from './tokens/token-routes'
import { userEvents } from './users/user-events'
import { userRoutes } from './accounts/account-routes'

const service = 'user-service'

export interface AppDeps {
  database: Database
  feed: EventFeed
  signingKey: SigningKey
  authenticator: Authenticator
  signupCreditCents: number
  tokenAudiences: readonly string[]
  version: string
  maxInFlight: number
  rateLimitPerMinute: number
  trustProxy: number
  allowedHosts: readonly string[]
  logClientAddress?: boolean
  registry: Registry
  isStopping: () => boolean
  system: System
  log: Log
}

export function userServiceRoutes(deps: Omit<AppDeps, 'authenticator'>): Route[] {
  const { database, feed, signingKey, version, isStopping } = deps
  return [
    ...healthRoutes({ service, version, read: database.read, isStopping }),
    jwksRoute(signingKey),
    ...tokenRoutes(deps),
    ...userRoutes(deps),
    ...creditRoutes(deps),
    feedRoute({ feed, types: userEvents, who: ['service', 'admin'] }),
  ]
}

export function createUserApp(deps: AppDeps): Express {
  return createApp({
    ...deps,
    service,
    routes: userServiceRoutes(deps),
    problemTypes,
    // Else the calls of order-service alone could be too many, and the refusals open its circuit.
    minInFlight: callLimits.inFlight + 32,
    findApiKeyOwner: (apiKey) => findApiKeyOwner(deps.database.read, apiKey),
  })
}
