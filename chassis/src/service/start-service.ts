import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { collectDefaultMetrics, Registry } from 'prom-client'
import { Authenticator, type TrustedIssuer } from '../auth/authenticator'
import { ownKeys, type KeySet } from '../auth/key-set'
import { RemoteKeySet } from '../auth/remote-key-set'
import { StoredSigningKeys } from '../auth/signing-keys'
import { TokenSource } from '../auth/token-source'
import type { Broker } from '../broker/broker'
import { brokerMetrics } from '../broker/broker-metrics'
import { openBroker } from '../broker/open-broker'
import { Relay } from '../broker/relay'
import { databaseMetrics } from '../database/database-metrics'
import { withLeaseMetrics } from '../database/lease-metrics'
import { openDatabase } from '../database/open'
import { EventNumbering } from '../events/event-numbering'
import { numberingMetrics } from '../events/numbering-metrics'
import type { Log } from '../log'
import type { RecentLines } from '../recent-lines'
import { createApp } from '../server/app'
import { EventLoopDelay } from '../server/event-loop-delay'
import { Faults } from '../server/faults'
import { startServer } from '../server/listen'
import type { System } from '../system'
import { httpTransport, type Transport } from '../upstream/transport'
import type { commonConfig } from './config'
import type { Service } from './process'
import { assembleService, type Connect, type ServiceContext, type ServiceDefinition } from './service-definition'
import type { openTelemetry } from '../tracing/open-telemetry'
import type { Tracer } from '../tracing/tracing'
import { warnIfExposed } from './warn-if-exposed'

type Config = ReturnType<typeof commonConfig> & {
  root: string
  /** See createApp; without it there is no limit. */
  rateLimitPerMinute?: number
}

interface Options {
  definition: ServiceDefinition
  config: Config
  version: string
  system: System
  log: Log
  /** How other services are reached; over HTTP unless a test says otherwise. */
  connect?: Connect
  /** Which of several processes this is. */
  replica?: string
  /** Ends the process at once; for faults to teach with. */
  crash?: () => void
  /** Makes spans; unless given, that of OpenTelemetry, if the configuration asks for traces. */
  tracer?: Tracer
  /** The last lines of the log; for GET /log-lines. */
  recentLines?: RecentLines | undefined
}

/**
 * Opens the database, puts the service together, listens, and starts its jobs. Throws an OperatorError if it cannot, and
 * then holds nothing any more.
 */
export async function startService({
  definition,
  config,
  version,
  system,
  log,
  connect = httpTransport,
  replica = hostname(),
  crash = () => process.exit(1),
  recentLines,
  tracer: givenTracer,
}: Options): Promise<Service & { port: number }> {
  const { name: service, migrations } = definition
  const tracer = givenTracer ?? (config.sendsTraces ? startTracing({ service, version, replica, log }) : undefined)
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const opened = await openDatabase({
    url: config.databaseUrl,
    root: config.root,
    migrations,
    system,
    log,
    postgres: {
      applicationName: service,
      poolSize: config.databasePool,
      passwordFile: config.databasePasswordFile && resolve(config.root, config.databasePasswordFile),
    },
  })
  const database = withLeaseMetrics(registry, opened)
  databaseMetrics(registry, database)

  const transports: Transport[] = []
  const connected: Connect = (...options) => {
    const transport = connect(...options)
    transports.push(transport)
    return transport
  }
  const keySets: RemoteKeySet[] = []
  const release = async () => {
    for (const keys of keySets) keys.stop()
    for (const transport of transports) transport.close()
    await broker?.close()
    await database.close()
    await tracer?.stop()
  }
  let broker: Broker | undefined
  let stopping = false
  const isStopping = () => stopping
  try {
    broker = openBroker({ config, name: service, log })
    if (broker) brokerMetrics(registry, broker)
    const signingKeys = await StoredSigningKeys.load({ database, system, log })
    const tokensFor = (audience: string) => new TokenSource(signingKeys, { service, audience }, system)
    const context: ServiceContext = {
      database,
      broker,
      signingKeys,
      connect: connected,
      tokensFor,
      tracer,
      registry,
      system,
      log,
    }
    const issuers = new Map<string, TrustedIssuer>()
    for (const { issuer, jwksUrl, ...rules } of definition.trusts) {
      const keys = jwksUrl === undefined ? ownKeys(signingKeys) : remoteKeys(issuer, jwksUrl, context)
      if (keys instanceof RemoteKeySet) keySets.push(keys)
      issuers.set(issuer, { keys, ...rules })
    }
    const anonymous = config.authMode === 'open' ? { id: 'admin', scopes: ['admin', 'service'] } : undefined
    const authenticator = new Authenticator({ audience: service, issuers, anonymous, system })
    const parts = assembleService(definition, context, { version, isStopping })
    const { routes, jobs, feed, prepare, onReady, ownCredential } = parts
    const eventLoopDelay = new EventLoopDelay()
    const faults = config.hasChaos ? new Faults(system, log) : undefined
    const app = createApp({
      service,
      version,
      routes,
      problemTypes: definition.problemTypes,
      authenticator,
      ...(ownCredential && { ownCredential }),
      isStopping,
      maxInFlight: config.maxInFlight,
      ...(definition.minInFlight !== undefined && { minInFlight: definition.minInFlight }),
      rateLimitPerMinute: config.rateLimitPerMinute ?? 0,
      allowedHosts: config.allowedHosts,
      corsOrigins: config.corsOrigins,
      trustProxy: config.trustProxy,
      trustedProxies: config.trustedProxies,
      logClientAddress: config.logClientAddress,
      status: { ...parts, replica, database, broker, eventLoopDelay },
      chaos: faults && { faults, crash, recentLines },
      tracer,
      registry,
      system,
      log,
    })
    for (const keys of keySets) await keys.start()
    await prepare?.()
    const { host, port, logClientAddress } = config
    const server = await startServer(app, { host, port, logClientAddress, log })
    const numbering = database.isConcurrent ? new EventNumbering({ database, system, log }) : undefined
    if (numbering) numberingMetrics(registry, numbering, { database, system })
    numbering?.start()
    const relay = broker && new Relay({ service, publisher: broker, database, tracer, registry, system, log })
    relay?.start()
    eventLoopDelay.start()
    for (const job of [signingKeys, ...jobs]) job.start() // others ask for our keys, so not before we listen

    log.info({ url: server.url, host, port: server.port, version }, 'ready')
    onReady?.()
    warnIfExposed({ address: server.address, inContainer: config.inContainer, log })
    if (config.authMode === 'open') log.warn('AUTH_MODE=open: a request without a token may do anything')
    return {
      port: server.port,
      delayMs: config.shutdownDelayMs,
      stop: async () => {
        stopping = true
        log.info('stopping')
        feed.end()
        faults?.switchOff()
        const [cut] = await Promise.all([
          server.stop(config.shutdownGraceMs, config.shutdownDelayMs),
          ...[signingKeys, ...jobs, eventLoopDelay, ...(relay ? [relay] : [])].map((job) => job.stop()),
        ])
        await numbering?.stop() // after the last request; another replica, or the next start, publishes the rest
        await release()
        log.info({ cut }, 'stopped')
        log.flush()
      },
    }
  } catch (error) {
    await release()
    throw error
  }
}

/** Loads the SDK only now: it takes time and memory that a service without traces need not spend. */
function startTracing(options: Parameters<typeof openTelemetry>[0]): Tracer {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- import() would load it as an ECMAScript module
  const loaded = require('../tracing/open-telemetry') as { openTelemetry: typeof openTelemetry }
  return loaded.openTelemetry(options)
}

function remoteKeys(issuer: string, jwksUrl: string, { connect, database, system, log }: ServiceContext): KeySet {
  const { origin, pathname, search } = new URL(jwksUrl)
  const transport = connect({ baseUrl: origin }, system) // not behind the circuit breaker
  return new RemoteKeySet({ issuer, path: pathname + search, transport, database, system, log })
}
