import type { z } from 'zod'
import type { TrustedIssuer } from '../auth/authenticator'
import type { OwnCredential } from '../auth/identify'
import type { SigningKeys } from '../auth/signing-keys'
import type { TokenSource } from '../auth/token-source'
import type { Broker } from '../broker/broker'
import type { Database } from '../database/database'
import type { Migration } from '../database/migrations'
import { EventFeed } from '../events/event-feed'
import { feedMetrics } from '../events/feed-metrics'
import { feedRoute } from '../events/feed-route'
import type { Follower } from '../following/follower'
import type { ProblemTypes } from '../http/problem-types'
import type { Route } from '../http/route'
import { jwksRoute } from '../auth/jwks-route'
import type { Log } from '../log'
import { healthRoutes } from '../server/health-routes'
import type { StatusSources } from '../server/status-route'
import type { System } from '../system'
import type { Tracer } from '../tracing/tracing'
import type { httpTransport } from '../upstream/transport'
import type { Registry } from 'prom-client'

export type Connect = typeof httpTransport

/** What a service is built on. */
export interface ServiceContext {
  database: Database
  /** What carries events, beside the feeds; undefined if none is configured. */
  broker?: Broker | undefined
  signingKeys: SigningKeys
  /** Connections to other services; closed when the service stops. */
  connect: Connect
  /** Tokens that this service shows to another one. */
  tokensFor: (audience: string) => Pick<TokenSource, 'token'>
  /** Undefined if nobody asked for traces. */
  tracer?: Tracer | undefined
  registry: Registry
  system: System
  log: Log
}

/** Background work: starts once the service listens, and stops with it. */
export interface Job {
  start(): void
  stop(): Promise<void>
}

export interface ServiceParts extends Pick<StatusSources, 'upstreams' | 'unfinished'> {
  routes: readonly Route[]
  jobs: readonly Job[]
  /** Its lag is part of `GET /health/ready`. */
  follower?: Follower
  /** Runs before the service listens. */
  prepare?: () => Promise<void>
  /** Runs once it listens. */
  onReady?: () => void
  /** What it accepts instead of a token. */
  ownCredential?: OwnCredential
}

type Trusted = Omit<TrustedIssuer, 'keys'> & { issuer: string }

/** All that makes one service different from another. */
export interface ServiceDefinition<Parts extends ServiceParts = ServiceParts> {
  name: string
  migrations: readonly Migration[]
  problemTypes: ProblemTypes
  /** The types of its events, each with the schema of its data, and the scopes that may read them. */
  events: { types: Readonly<Record<string, z.ZodType>>; who: readonly string[] }
  /** Whose tokens it accepts; those of an issuer without `jwksUrl` are its own. */
  trusts: readonly (Trusted & { jwksUrl?: string })[]
  /** See createApp. */
  minInFlight?: number
  build(context: ServiceContext): Parts
}

/** The service put together, with the routes that every service has; nothing has been started. */
export function assembleService<Parts extends ServiceParts>(
  { name, events, build }: Pick<ServiceDefinition<Parts>, 'name' | 'events' | 'build'>,
  context: ServiceContext,
  { version, isStopping }: { version: string; isStopping: () => boolean },
): Parts & { feed: EventFeed } {
  const { database, signingKeys, registry, system } = context
  const feed = new EventFeed({ source: `/${name}`, database, system })
  feedMetrics(registry, feed)
  const parts = build(context)
  const { follower } = parts
  const routes = [
    ...healthRoutes({ service: name, version, read: database.read, isStopping, ...(follower && { follower }) }),
    jwksRoute(signingKeys),
    ...parts.routes,
    feedRoute({ feed, ...events }),
  ]
  return { ...parts, feed, routes }
}
