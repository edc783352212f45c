import { Authenticator } from '@tandem/chassis/auth/authenticator'
import { RemoteKeySet } from '@tandem/chassis/auth/remote-key-set'
import { loadSigningKey, tokenSeconds } from '@tandem/chassis/auth/signing-key'
import { TokenSource } from '@tandem/chassis/auth/token-source'
import { callLimits } from '@tandem/chassis/upstream/upstream-client'
import type { httpTransport } from '@tandem/chassis/upstream/transport'
import { openDatabase } from '@tandem/chassis/database/open'
import { startServer } from '@tandem/chassis/server/listen'
import { warnIfExposed } from '@tandem/chassis/service/warn-if-exposed'
import { databaseMetrics } from '@tandem/chassis/database/database-metrics'
import type { Log } from '@tandem/chassis/log'
import type { Service } from '@tandem/chassis/service/process'
import type { System } from '@tandem/chassis/system'
import { collectDefaultMetrics, Registry } from 'prom-client'
import { createOrderApp } from './app'
import type { Config } from './config'
import { migrations } from './database/migrations'
import { makeAllDue } from './orders/settlement-queue'
import { orderServiceParts } from './parts'

const mostFeedBytes = 1024 * 1024 // a page has 200 events of at most 1 kB

interface Deps {
  config: Config
  version: string
  system: System
  log: Log
  /** How other services are reached. */
  connect: typeof httpTransport
}

/** Wires the service and listens. Throws a StartError where it cannot. */
export async function startOrderService({
  config,
  version,
  system,
  log,
  connect,
}: Deps): Promise<Service & { port: number }> {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const database = await openDatabase({ url: config.databaseUrl, root: config.root, migrations, system })
  databaseMetrics(registry, database)
  const signingKey = await loadSigningKey(database, system)

  const keyTransport = connect({ baseUrl: config.userServiceUrl }, system) // outside the breaker
  const path = '/.well-known/jwks.json'
  const userKeys = new RemoteKeySet({ issuer: 'user-service', path, transport: keyTransport, database, system, log })
  const authenticator = new Authenticator({
    audience: 'order-service',
    issuers: new Map([
      ['user-service', { keys: userKeys, scopes: ['user', 'admin'], maxTokenSeconds: tokenSeconds.access }],
    ]),
    anonymous: config.authMode === 'open' ? { id: 'admin', scopes: ['admin', 'service'] } : undefined,
    system,
  })

  const transport = connect({ baseUrl: config.userServiceUrl, maxSockets: callLimits.inFlight }, system)
  const feedTransport = connect({ baseUrl: config.userServiceUrl, maxResponseBytes: mostFeedBytes }, system)
  const tokens = new TokenSource(signingKey, { service: 'order-service', audience: 'user-service' }, system)
  const parts = orderServiceParts({ ...config, database, transport, feedTransport, tokens, registry, system, log })
  const { feed, settler, follower } = parts

  let stopping = false
  const isStopping = () => stopping
  const app = createOrderApp({
    ...config,
    ...parts,
    database,
    signingKey,
    authenticator,
    version,
    isStopping,
    registry,
    system,
    log,
  })
  await userKeys.start()
  await makeAllDue(database, system)
  const release = async () => {
    userKeys.stop()
    keyTransport.close()
    transport.close()
    feedTransport.close()
    await database.close()
  }
  const server = await startServer(app, { ...config, log }).catch(async (error: unknown) => {
    await release()
    throw error
  })
  settler.start()
  follower.start() // user-service asks for our keys, so not before we listen

  log.info({ url: server.url, host: config.host, port: server.port, version }, 'ready')
  warnIfExposed({ address: server.address, inContainer: config.inContainer, log })
  if (config.authMode === 'open') log.warn('AUTH_MODE=open: a request without a token may do anything')

  return {
    port: server.port,
    stop: async () => {
      stopping = true
      log.info('stopping')
      feed.end()
      const [cut] = await Promise.all([server.stop(config.shutdownGraceMs), settler.stop(), follower.stop()])
      await release()
      log.info({ cut }, 'stopped')
      log.flush()
    },
  }
}
