import { z } from 'zod'
import type { Broker } from '../broker/broker'
import type { Database } from '../database/database'
import type { Follower } from '../following/follower'
import { countParked } from '../following/follower-store'
import { ok, routine } from '../http/response'
import { route, type Route } from '../http/route'
import { timestamp, type System } from '../system'
import type { UpstreamClient } from '../upstream/upstream-client'
import type { ConcurrencyLimit } from './concurrency-limit'
import type { EventLoopDelay } from './event-loop-delay'
import { CurrentFaults, type Faults } from './faults'
import { Lags } from './health-routes'

/** What the status of a service is read from. */
export interface StatusSources {
  /** The name of the host: which of several processes this is. */
  replica: string
  database: Pick<Database, 'read' | 'isConcurrent'>
  broker?: Pick<Broker, 'isAway'> | undefined
  eventLoopDelay: Pick<EventLoopDelay, 'p99Ms'>
  follower?: Pick<Follower, 'feed' | 'currentLag'>
  /** The services that it calls, by name. */
  upstreams?: Readonly<Record<string, Pick<UpstreamClient, 'breaker' | 'load'>>>
  /** How many things are not settled yet, by status. */
  unfinished?: () => Promise<Record<string, number>>
}

interface Deps extends StatusSources {
  service: string
  version: string
  inFlight: Pick<ConcurrencyLimit, 'inFlight' | 'current'>
  faults: Faults | undefined
  system: System
}

const count = z.int().min(0)
const Status = z
  .strictObject({
    service: z.string(),
    version: z.string(),
    replica: z.string(),
    startedAt: z.iso.datetime(),
    uptimeSeconds: count,
    requests: z.strictObject({ inFlight: count, allowed: count }),
    eventLoopDelayMs: z.number().min(0).meta({ description: 'The 99th percentile of the last seconds' }),
    database: z.enum(['sqlite', 'postgres']),
    broker: z.enum(['connected', 'away']).nullable().meta({ description: 'null if none is configured' }),
    unfinished: z
      .record(z.string(), count)
      .nullable()
      .meta({ description: 'What is not settled yet, by status; null if this service settles nothing' }),
    circuits: z.array(
      z.strictObject({
        upstream: z.string(),
        state: z.enum(['closed', 'open', 'half-open']),
        probesAt: z.iso.datetime().nullable().meta({ description: 'When an open circuit lets the next probe through' }),
        inFlight: count,
      }),
    ),
    lag: Lags,
    parkedEvents: count.nullable().meta({ description: 'null if this service follows no other' }),
    faults: CurrentFaults.nullable().meta({ description: 'null with CHAOS=off' }),
  })
  .meta({
    id: 'Status',
    examples: [
      {
        service: 'a-service',
        version: '0.1.0',
        replica: 'a1b2c3',
        startedAt: '2026-01-31T12:00:00.000Z',
        uptimeSeconds: 3600,
        requests: { inFlight: 3, allowed: 256 },
        eventLoopDelayMs: 2,
        database: 'sqlite',
        broker: null,
        unfinished: { pending: 1, cancelling: 0 },
        circuits: [{ upstream: 'another-service', state: 'open', probesAt: '2026-01-31T13:00:00.500Z', inFlight: 0 }],
        lag: { 'another-service': { events: 0, seconds: 0 } },
        parkedEvents: 0,
        faults: null,
      },
    ],
  })

/** What an operator wants to see at a glance. */
export function statusRoute(deps: Deps): Route {
  const { service, version, replica, database, broker, follower, upstreams = {}, unfinished, system } = deps
  const began = system.monotonic()
  const startedAt = timestamp(system)
  return route({
    method: 'get',
    path: '/status',
    operationId: 'getStatus',
    tag: 'service',
    summary: 'Get what this process is doing: load, circuits, lag, what is unfinished, and faults switched on',
    who: ['admin'],
    always: true,
    responses: { 200: Status },
    handle: async () =>
      routine(
        ok({
          service,
          version,
          replica,
          startedAt,
          uptimeSeconds: Math.floor((system.monotonic() - began) / 1000),
          requests: { inFlight: deps.inFlight.inFlight, allowed: deps.inFlight.current },
          eventLoopDelayMs: deps.eventLoopDelay.p99Ms,
          database: database.isConcurrent ? 'postgres' : 'sqlite',
          broker: broker ? (broker.isAway ? 'away' : 'connected') : null,
          unfinished: (await unfinished?.()) ?? null,
          circuits: Object.entries(upstreams).map(([upstream, client]) => circuit(upstream, client, system)),
          lag: follower ? { [follower.feed]: await follower.currentLag() } : {},
          parkedEvents: follower ? await countParked(database.read, follower.feed) : null,
          faults: deps.faults?.current ?? null,
        } satisfies z.input<typeof Status>),
      ),
  })
}

function circuit(upstream: string, { breaker, load }: Pick<UpstreamClient, 'breaker' | 'load'>, system: System) {
  const { state, cooldownMs } = breaker
  const probesAt = state === 'open' ? new Date(system.now() + cooldownMs).toISOString() : null
  return { upstream, state, probesAt, inFlight: load.inFlight }
}
