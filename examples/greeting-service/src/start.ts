import { Authenticator } from '@tandem/chassis/auth/authenticator'
import { jwksRoute } from '@tandem/chassis/auth/jwks-route'
import { RemoteKeySet } from '@tandem/chassis/auth/remote-key-set'
import { loadSigningKey, tokenSeconds } from '@tandem/chassis/auth/signing-key'
import { TokenSource } from '@tandem/chassis/auth/token-source'
import { databaseMetrics } from '@tandem/chassis/database/database-metrics'
import { openDatabase } from '@tandem/chassis/database/open'
import { EventFeed } from '@tandem/chassis/events/event-feed'
import { feedMetrics } from '@tandem/chassis/events/feed-metrics'
import { feedRoute } from '@tandem/chassis/events/feed-route'
import type { Log } from '@tandem/chassis/log'
import { createApp } from '@tandem/chassis/server/app'
import { healthRoutes } from '@tandem/chassis/server/health-routes'
import { startServer } from '@tandem/chassis/server/listen'
import type { Service } from '@tandem/chassis/service/process'
import { warnIfExposed } from '@tandem/chassis/service/warn-if-exposed'
import { realSystem as system } from '@tandem/chassis/system'
import { httpTransport } from '@tandem/chassis/upstream/transport'
import { callLimits, UpstreamClient } from '@tandem/chassis/upstream/upstream-client'
import { upstreamMetrics } from '@tandem/chassis/upstream/upstream-metrics'
import { collectDefaultMetrics, Registry } from 'prom-client'
import type { Config } from './config'
import { migrations } from './database/migrations'
import { greetingEvents } from './greetings/greeting-events'
import { greetingRoutes } from './greetings/greeting-routes'
import { problemTypes } from './problems'
import { UserClient } from './users/user-client'

const service = 'greeting-service'

interface Deps {
  config: Config
  version: string
  log: Log
}

/** Wires the service and listens. Throws an OperatorError if it cannot. */
export async function startGreetingService({ config, version, log }: Deps): Promise<Service & { port: number }> {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const database = await openDatabase({ url: config.databaseUrl, root: config.root, migrations, system })
  databaseMetrics(registry, database)
  const { read } = database
  const feed = new EventFeed({ source: `/${service}`, database, system })
  feedMetrics(registry, feed)

  // Whom we believe: the tokens that user-service signs.
  const keyTransport = httpTransport({ baseUrl: config.userServiceUrl }, system)
  const keys = { issuer: 'user-service', path: '/.well-known/jwks.json', transport: keyTransport }
  const userKeys = new RemoteKeySet({ ...keys, database, system, log })
  const authenticator = new Authenticator({
    audience: service,
    issuers: new Map([
      ['user-service', { keys: userKeys, scopes: ['user', 'admin'], maxTokenSeconds: tokenSeconds.access }],
    ]),
    anonymous: config.authMode === 'open' ? { id: 'admin', scopes: ['admin', 'service'] } : undefined,
    system,
  })

  // Whom we ask: user-service, with tokens that we sign.
  const signingKey = await loadSigningKey(database, system)
  const transport = httpTransport({ baseUrl: config.userServiceUrl, maxSockets: callLimits.inFlight }, system)
  const upstream = new UpstreamClient(transport, system)
  upstreamMetrics(registry, 'user-service', upstream)
  const users = new UserClient(
    upstream,
    new TokenSource(signingKey, { service, audience: 'user-service' }, system),
    system,
  )

  let stopping = false
  const isStopping = () => stopping
  const routes = [
    ...healthRoutes({ service, version, read, isStopping }),
    jwksRoute(signingKey),
    ...greetingRoutes({ database, users, system }),
    feedRoute({ feed, types: greetingEvents, who: ['admin'] }),
  ]
  const parts = { routes, problemTypes, authenticator, isStopping, rateLimitPerMinute: 0, registry, system, log }
  const app = createApp({ ...config, service, version, ...parts })
  await userKeys.start()
  const release = async () => {
    userKeys.stop()
    keyTransport.close()
    transport.close()
    await database.close()
  }
  const server = await startServer(app, { ...config, log }).catch(async (error: unknown) => {
    await release()
    throw error
  })
  log.info({ url: server.url, host: config.host, port: server.port, version }, 'ready')
  warnIfExposed({ address: server.address, inContainer: config.inContainer, log })
  if (config.authMode === 'open') log.warn('AUTH_MODE=open: a request without a token may do anything')

  return {
    port: server.port,
    stop: async () => {
      stopping = true
      log.info('stopping')
      feed.end()
      const cut = await server.stop(config.shutdownGraceMs)
      await release()
      log.info({ cut }, 'stopped')
      log.flush()
    },
  }
}
