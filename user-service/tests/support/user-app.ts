import type { RequestListener } from 'node:http'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Express } from 'express'
import { Registry } from 'prom-client'
import request, { type Response } from 'supertest'
import { conforming } from '../../../chassis/testing/conforming'
import { testChaos } from '../../../chassis/testing/test-chaos'
import { temporaryFolder } from '../../../chassis/testing/temporary'
import { temporaryDatabase } from '../../../chassis/testing/temporary-database'
import { newSigningKey, onlyKey } from '../../../chassis/testing/tokens'
import { Authenticator, type TrustedIssuer } from '@tandem/chassis/auth/authenticator'
import { ownKeys } from '@tandem/chassis/auth/key-set'
import { signToken, tokenSeconds, type SigningKey, type TokenClaims } from '@tandem/chassis/auth/signing-key'
import { StoredSigningKeys } from '@tandem/chassis/auth/signing-keys'
import type { Database } from '@tandem/chassis/database/database'
import { silentLog } from '@tandem/chassis/log'
import { createApp } from '@tandem/chassis/server/app'
import { assembleService } from '@tandem/chassis/service/service-definition'
import { realSystem, type System } from '@tandem/chassis/system'
import { httpTransport } from '@tandem/chassis/upstream/transport'
import { userService } from '../../src/service'
import { readConfig } from '../../src/config'
import { migrations } from '../../src/database/migrations'

export interface TestUsers {
  /** Each of its answers is held against its OpenAPI document. */
  app: RequestListener
  /** The same without that. */
  plainApp: Express
  database: Database
  /** The file of the database. */
  file: string
  /** The key of user-service itself. */
  signingKey: SigningKey
  /** The key of order-service, whom this user-service trusts. */
  orderServiceKey: SigningKey
  adminToken: () => Promise<string>
  serviceToken: () => Promise<string>
  /** Signs up over HTTP; answers the user with its key and a token. */
  signUp: (fields?: { name?: string; email?: string }) => Promise<{ id: string; apiKey: string; token: string }>
  /** POST /users/:id/deposits as the admin, with a new key unless one is given. */
  deposit: (userId: string, amountCents: unknown, idempotencyKey?: string) => Promise<Response>
  /** PUT /users/:id/holds/:orderId as order-service. */
  hold: (userId: string, orderId: string, amountCents: unknown) => Promise<Response>
  /** DELETE /users/:id/holds/:orderId as order-service. */
  release: (userId: string, orderId: string) => Promise<Response>
}

interface Options {
  system?: System
  authMode?: 'required' | 'open'
  signupCreditCents?: number
  isStopping?: () => boolean
  maxInFlight?: number
  rateLimitPerMinute?: number
  trustProxy?: number
  tokenAudiences?: readonly string[]
  allowedHosts?: readonly string[]
  /** CHAOS=on; a crash does nothing. */
  hasChaos?: boolean
  /** temporarySqlite, for tests of what only SQLite has. */
  openTemporary?: typeof temporaryDatabase
}

/** The services that access tokens are for, if nobody says otherwise. */
export const defaultAudiences = readConfig({}, '/').tokenAudiences

// user-service asks no other service.
const tokensFor = () => ({ token: async () => 'none' })

/** For supertest's `auth`: the token goes into an Authorization header. */
export const bearer = { type: 'bearer' } as const

/** user-service as it is, on a database of its own; order-service's keys are at hand instead of fetched. */
export async function testUsers({
  system = realSystem,
  authMode = 'required',
  signupCreditCents = 100_000,
  isStopping = () => false,
  maxInFlight = 1000,
  rateLimitPerMinute = 0,
  trustProxy = 0,
  tokenAudiences = defaultAudiences,
  allowedHosts = [],
  hasChaos = false,
  openTemporary = temporaryDatabase,
}: Options = {}): Promise<TestUsers> {
  const folder = temporaryFolder()
  const database = await openTemporary(migrations, { system, folder })
  const signingKeys = await StoredSigningKeys.load({ database, system, log: silentLog })
  const signingKey = signingKeys.signing
  const orderServiceKey = await newSigningKey()
  const issuers = new Map<string, TrustedIssuer>([
    ['user-service', { keys: ownKeys(signingKeys), scopes: ['user', 'admin'], maxTokenSeconds: tokenSeconds.access }],
    [
      'order-service',
      {
        keys: ownKeys(onlyKey(orderServiceKey)),
        scopes: ['service'],
        maxTokenSeconds: tokenSeconds.service,
        subject: 'order-service',
      },
    ],
  ])
  const anonymous = authMode === 'open' ? { id: 'admin', scopes: ['admin', 'service'] } : undefined
  const authenticator = new Authenticator({ audience: 'user-service', issuers, anonymous, system })
  const adminKeyFile = join(folder, 'admin-key')
  const definition = userService({ adminKeyFile, signupCreditCents, tokenAudiences, trustedServices: [] })
  const { name, problemTypes, minInFlight } = definition
  const registry = new Registry()
  const context = { database, signingKeys, connect: httpTransport, tokensFor, registry, system, log: silentLog }
  const parts = assembleService(definition, context, { version: '0.0.0', isStopping })
  const { routes, ownCredential } = parts
  const plainApp = createApp({
    service: name,
    version: '0.0.0',
    routes,
    problemTypes,
    authenticator,
    ownCredential,
    isStopping,
    maxInFlight,
    minInFlight,
    rateLimitPerMinute,
    allowedHosts,
    trustProxy,
    status: { ...parts, replica: 'here', database, eventLoopDelay: { p99Ms: 0 } },
    chaos: hasChaos ? testChaos(system, silentLog) : undefined,
    registry,
    system,
    log: silentLog,
  })
  const app = await conforming('user-service', plainApp, hasChaos ? `${authMode}, with chaos` : authMode)
  const adminToken = () =>
    signToken(signingKey, system, {
      issuer: 'user-service',
      subject: 'admin',
      audience: tokenAudiences,
      scope: 'admin',
      lifetimeSeconds: 900,
    })
  const serviceToken = () => signServiceToken(orderServiceKey, system)
  return {
    app,
    plainApp,
    database,
    file: join(folder, 'test.db'),
    signingKey,
    orderServiceKey,
    adminToken,
    serviceToken,
    signUp: async ({ name = 'Ada', email = newEmail() } = {}) => {
      const { body: user } = await request(app).post('/users').send({ name, email }).expect(201)
      const { body: answer } = await request(app).post('/tokens').auth(user.apiKey, bearer).expect(200)
      return { id: user.id, apiKey: user.apiKey, token: answer.accessToken }
    },
    deposit: async (userId, amountCents, idempotencyKey = randomUUID()) =>
      request(app)
        .post(`/users/${userId}/deposits`)
        .auth(await adminToken(), bearer)
        .set('Idempotency-Key', idempotencyKey)
        .send({ amountCents }),
    hold: async (userId, orderId, amountCents) =>
      request(app)
        .put(`/users/${userId}/holds/${orderId}`)
        .auth(await serviceToken(), bearer)
        .send({ amountCents }),
    release: async (userId, orderId) =>
      request(app)
        .delete(`/users/${userId}/holds/${orderId}`)
        .auth(await serviceToken(), bearer),
  }
}

/** A token as order-service signs it, or one that differs from that in what is given. */
export function signServiceToken(
  key: SigningKey,
  system: Pick<System, 'now' | 'newId'> = realSystem,
  claims: Partial<TokenClaims> = {},
): Promise<string> {
  return signToken(key, system, {
    issuer: 'order-service',
    subject: 'order-service',
    audience: ['user-service'],
    scope: 'service',
    lifetimeSeconds: 300,
    ...claims,
  })
}

/** An address that nobody has. */
export function newEmail(): string {
  return `${randomUUID()}@example.com`
}
