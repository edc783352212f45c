import type { RequestListener } from 'node:http'
import type { Express } from 'express'
import { Registry } from 'prom-client'
import request from 'supertest'
import { Authenticator } from '@tandem/chassis/auth/authenticator'
import { ownKeys } from '@tandem/chassis/auth/key-set'
import { tokenSeconds, type SigningKey } from '@tandem/chassis/auth/signing-key'
import { StoredSigningKeys } from '@tandem/chassis/auth/signing-keys'
import { TokenSource } from '@tandem/chassis/auth/token-source'
import { httpTransport, type Transport } from '@tandem/chassis/upstream/transport'
import type { Database } from '@tandem/chassis/database/database'
import type { Follower } from '@tandem/chassis/following/follower'
import { silentLog, type Log } from '@tandem/chassis/log'
import { createApp } from '@tandem/chassis/server/app'
import { assembleService, type Connect } from '@tandem/chassis/service/service-definition'
import { realSystem, type System } from '@tandem/chassis/system'
import { conforming } from '../../../chassis/testing/conforming'
import { testChaos } from '../../../chassis/testing/test-chaos'
import { afterThisTest } from '../../../chassis/testing/temporary'
import { temporaryDatabase } from '../../../chassis/testing/temporary-database'
import { onlyKey } from '../../../chassis/testing/tokens'
import { migrations } from '../../src/database/migrations'
import { Settler } from '../../src/orders/settler'
import { orderService } from '../../src/service'
import type { UserClient } from '../../src/users/user-client'
import { FakeUserService } from './fake-user-service'

export interface TestOrders {
  /** Each of its answers is held against its OpenAPI document. */
  app: RequestListener
  /** The same without that. */
  plainApp: Express
  database: Database
  users: UserClient
  /** Has not been started. */
  follower: Follower
  fake: FakeUserService
  signingKey: SigningKey
  /** A settler that has not been started: a test calls `pass`, or starts it. */
  settler: Settler
  /** A further settler on the same database. */
  anotherSettler: () => Settler
  /** Asks as the subject, with a token of user-service. */
  as: (subject: string) => Promise<Caller>
}

export interface Caller {
  get: (path: string) => request.Test
  post: (path: string, body?: object) => request.Test
  put: (path: string, body?: object) => request.Test
}

interface Options {
  system?: System
  fake?: FakeUserService
  database?: Database
  /** Stands between the service and its database. */
  wrapDatabase?: (database: Database) => Database
  authMode?: 'required' | 'open'
  transport?: Transport
  feedTransport?: Transport
  pendingTimeoutMs?: number
  maxInFlight?: number
  isStopping?: () => boolean
  allowedHosts?: readonly string[]
  /** CHAOS=on; a crash does nothing. */
  hasChaos?: boolean
  log?: Log
}

/** order-service as it is, on a database of its own, beside a fake user-service that is reached over HTTP. */
export async function testOrders({
  system = realSystem,
  authMode = 'required',
  pendingTimeoutMs = 600_000,
  maxInFlight = 1000,
  isStopping = () => false,
  allowedHosts = [],
  hasChaos = false,
  log = silentLog,
  ...given
}: Options = {}): Promise<TestOrders> {
  const fake = given.fake ?? (await FakeUserService.start())
  const opened = given.database ?? (await temporaryDatabase(migrations, { system }))
  const database = given.wrapDatabase?.(opened) ?? opened
  const transport = given.transport ?? httpTransport({ baseUrl: fake.url, maxSockets: 128 }, system)
  afterThisTest(() => {
    transport.close()
  })
  const signingKeys = await StoredSigningKeys.load({ database, system, log })
  const parties = { service: 'order-service', audience: 'user-service' }
  // Signing takes real time, which a test with a virtual clock and a scripted transport does not let pass.
  const tokens = given.transport ? { token: async () => 'scripted' } : new TokenSource(signingKeys, parties, system)
  const authenticator = new Authenticator({
    audience: 'order-service',
    issuers: new Map([
      [
        'user-service',
        { keys: ownKeys(onlyKey(fake.signingKey)), scopes: ['user', 'admin'], maxTokenSeconds: tokenSeconds.access },
      ],
    ]),
    anonymous: authMode === 'open' ? { id: 'admin', scopes: ['admin', 'service'] } : undefined,
    system,
  })
  const registry = new Registry()
  const feedTransport = given.feedTransport ?? httpTransport({ baseUrl: fake.url }, system)
  const definition = orderService({ userServiceUrl: fake.url, pendingTimeoutMs })
  // The feed may send more at a time than a call does: so the two are told apart.
  const connect: Connect = ({ maxResponseBytes }) => (maxResponseBytes === undefined ? transport : feedTransport)
  const context = { database, signingKeys, connect, tokensFor: () => tokens, registry, system, log }
  const parts = assembleService(definition, context, { version: '0.0.0', isStopping })
  const { users, metrics, settler, follower } = parts
  afterThisTest(async () => {
    feedTransport.close()
    await follower.stop()
  })
  const plainApp = createApp({
    service: definition.name,
    version: '0.0.0',
    routes: parts.routes,
    problemTypes: definition.problemTypes,
    authenticator,
    isStopping,
    maxInFlight,
    rateLimitPerMinute: 0,
    allowedHosts,
    trustProxy: 0,
    status: { ...parts, replica: 'here', database, eventLoopDelay: { p99Ms: 0 } },
    chaos: hasChaos ? testChaos(system, log) : undefined,
    registry,
    system,
    log,
  })
  const app = await conforming('order-service', plainApp, hasChaos ? `${authMode}, with chaos` : authMode)
  afterThisTest(() => settler.stop())
  const anotherSettler = () => {
    const another = new Settler({ database, system, users, metrics, log }, { pendingTimeoutMs })
    afterThisTest(() => another.stop())
    return another
  }
  return {
    app,
    plainApp,
    database,
    users,
    follower,
    fake,
    signingKey: signingKeys.signing,
    settler,
    anotherSettler,
    as: async (subject) => {
      const authorization = `Bearer ${await fake.token(subject, system)}`
      return {
        get: (path) => request(app).get(path).set('Authorization', authorization),
        post: (path, body) => request(app).post(path).set('Authorization', authorization).send(body),
        put: (path, body) => request(app).put(path).set('Authorization', authorization).send(body),
      }
    },
  }
}

/** An order for one keyboard, 4999 cents. */
export const keyboard = { items: [{ productId: 'keyboard', quantity: 1 }] }

/** What the database holds of orders, oldest first, with the types of their events. */
export async function storedOrders(database: Database) {
  const orders = await database.read.all<{ id: string; status: string; reason: string | null; due_at: number | null }>(
    'SELECT id, status, reason, due_at FROM orders ORDER BY id',
  )
  const events = await database.read.all<{ subject: string; type: string }>(
    'SELECT subject, type FROM events ORDER BY sequence',
  )
  return orders.map((order) => ({
    ...order,
    events: events.filter(({ subject }) => subject === order.id).map(({ type }) => type),
  }))
}
