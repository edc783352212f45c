import { Authenticator, type TrustedIssuer } from '@tandem/chassis/auth/authenticator'
import { ownKeys } from '@tandem/chassis/auth/key-set'
import { RemoteKeySet } from '@tandem/chassis/auth/remote-key-set'
import { loadSigningKey, tokenSeconds, type SigningKey } from '@tandem/chassis/auth/signing-key'
import { httpTransport } from '@tandem/chassis/upstream/transport'
import type { Database } from '@tandem/chassis/database/database'
import { openDatabase } from '@tandem/chassis/database/open'
import { EventFeed } from '@tandem/chassis/events/event-feed'
import { startServer } from '@tandem/chassis/server/listen'
import { warnIfExposed } from '@tandem/chassis/service/warn-if-exposed'
import { databaseMetrics } from '@tandem/chassis/database/database-metrics'
import { feedMetrics } from '@tandem/chassis/events/feed-metrics'
import type { Log } from '@tandem/chassis/log'
import type { Service } from '@tandem/chassis/service/process'
import type { System } from '@tandem/chassis/system'
import { collectDefaultMetrics, Registry } from 'prom-client'
import { createUserApp } from './app'
import type { Config } from './config'
import { migrations } from './database/migrations'
import { loadAdminKey } from './tokens/admin-key'
import { Eraser } from './accounts/erasure'

interface Deps {
  config: Config
  version: string
  system: System
  log: Log
}

/** Wires the service and listens. Throws a StartError where it cannot. */
export async function startUserService({ config, version, system, log }: Deps): Promise<Service & { port: number }> {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const database = await openDatabase({
    url: config.databaseUrl,
    root: config.root,
    migrations,
    system,
  })
  databaseMetrics(registry, database)
  const feed = new EventFeed({ source: '/user-service', database, system })
  feedMetrics(registry, feed)
  const signingKey = await loadSigningKey(database, system)
  await loadAdminKey(config.adminKeyFile, database, system)
  const eraser = new Eraser({ database, system, log })
  const trusted = trustedKeySets({ config, database, system, log })
  const authenticator = new Authenticator({
    audience: 'user-service',
    issuers: await issuers(signingKey, trusted),
    anonymous: config.authMode === 'open' ? { id: 'admin', scopes: ['admin', 'service'] } : undefined,
    system,
  })
  let stopping = false
  const isStopping = () => stopping
  const app = createUserApp({
    ...config,
    database,
    feed,
    signingKey,
    authenticator,
    registry,
    version,
    isStopping,
    system,
    log,
  })
  for (const { keys } of trusted) await keys.start()
  const release = async () => {
    for (const { keys, transport } of trusted) {
      keys.stop()
      transport.close()
    }
    await database.close()
  }
  const server = await startServer(app, { ...config, log }).catch(async (error: unknown) => {
    await release()
    throw error
  })
  eraser.start()

  log.info({ url: server.url, host: config.host, port: server.port, version }, 'ready')
  log.info({ file: config.adminKeyFile, show: `cat ${config.adminKeyFile}` }, 'admin key')
  warnIfExposed({ address: server.address, inContainer: config.inContainer, log })
  if (config.authMode === 'open') log.warn('AUTH_MODE=open: a request without a token may do anything')

  return {
    port: server.port,
    stop: async () => {
      stopping = true
      log.info('stopping')
      feed.end()
      const [cut] = await Promise.all([server.stop(config.shutdownGraceMs), eraser.stop()])
      await release()
      log.info({ cut }, 'stopped')
      log.flush()
    },
  }
}

function trustedKeySets({ config, database, system, log }: Omit<Deps, 'version'> & { database: Database }) {
  return config.trustedServices.map(({ name, jwksUrl }) => {
    const { origin, pathname, search } = new URL(jwksUrl)
    const transport = httpTransport({ baseUrl: origin }, system)
    const keys = new RemoteKeySet({ issuer: name, path: pathname + search, transport, database, system, log })
    return { name, keys, transport }
  })
}

async function issuers(signingKey: SigningKey, trusted: { name: string; keys: RemoteKeySet }[]) {
  const itself: TrustedIssuer = {
    keys: await ownKeys(signingKey),
    scopes: ['user', 'admin'],
    maxTokenSeconds: tokenSeconds.access,
  }
  const services = trusted.map(({ name, keys }): [string, TrustedIssuer] => [
    name,
    { keys, scopes: ['service'], maxTokenSeconds: tokenSeconds.service, subject: name },
  ])
  return new Map([['user-service', itself], ...services])
}
