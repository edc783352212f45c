import type { Express } from 'express'
import request from 'supertest'
import { temporaryDatabase } from '../../../chassis/tests/support/temporary'
import { Authenticator, type TrustedIssuer } from '@tandem/chassis/auth/authenticator'
import { ownKeys } from '@tandem/chassis/auth/key-set'
import { loadSigningKey, signToken, type SigningKey } from '@tandem/chassis/auth/signing-key'
import type { Database } from '@tandem/chassis/database/database'
import { silentLog } from '@tandem/chassis/log'
import { realSystem, type System } from '@tandem/chassis/system'
import { createUserApp } from '../../src/app'
import { migrations } from '../../src/database/migrations'

export interface TestUsers {
  app: Express
  database: Database
  /** The key of user-service itself. */
  signingKey: SigningKey
  /** The key of order-service, whom this user-service trusts. */
  orderServiceKey: SigningKey
  adminToken(): Promise<string>
  serviceToken(): Promise<string>
  /** Signs up over HTTP; answers the user with its key and a token. */
  signUp(fields?: { name?: string; email?: string }): Promise<{ id: string; apiKey: string; token: string }>
}

interface Options {
  system?: System
  authMode?: 'required' | 'open'
  signupCreditCents?: number
  isStopping?: () => boolean
}

let signedUp = 0

/** user-service as it is, on a database of its own; order-service's keys are at hand instead of fetched. */
export async function testUsers({
  system = realSystem,
  authMode = 'required',
  signupCreditCents = 100_000,
  isStopping = () => false,
}: Options = {}): Promise<TestUsers> {
  const database = await temporaryDatabase(migrations, { system })
  const signingKey = await loadSigningKey(database, system)
  const orderServiceKey = await loadSigningKey(await temporaryDatabase(migrations, { system }), system)
  const issuers = new Map<string, TrustedIssuer>([
    ['user-service', { keys: await ownKeys(signingKey), scopes: ['user', 'admin'] }],
    ['order-service', { keys: await ownKeys(orderServiceKey), scopes: ['service'], subject: 'order-service' }],
  ])
  const anonymous = authMode === 'open' ? { id: 'admin', scopes: ['admin', 'service'] } : undefined
  const authenticator = new Authenticator({ audience: 'user-service', issuers, anonymous, system })
  const rest = { signupCreditCents, version: '0.0.0', isStopping, system, log: silentLog }
  const app = createUserApp({ database, signingKey, authenticator, ...rest })
  const audience = ['user-service', 'order-service']
  return {
    app,
    database,
    signingKey,
    orderServiceKey,
    adminToken: () =>
      signToken(signingKey, system, {
        issuer: 'user-service',
        subject: 'admin',
        audience,
        scope: 'admin',
        lifetimeSeconds: 900,
      }),
    serviceToken: () =>
      signToken(orderServiceKey, system, {
        issuer: 'order-service',
        subject: 'order-service',
        audience: ['user-service'],
        scope: 'service',
        lifetimeSeconds: 300,
      }),
    signUp: async ({ name = 'Ada', email } = {}) => {
      signedUp += 1
      const body = { name, email: email ?? `ada-${signedUp}@example.com` }
      const { body: user } = await request(app).post('/users').send(body).expect(201)
      const { body: answer } = await request(app)
        .post('/tokens')
        .set('Authorization', `Bearer ${user.apiKey}`)
        .expect(200)
      return { id: user.id, apiKey: user.apiKey, token: answer.accessToken }
    },
  }
}
