import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createLocalJWKSet, jwtVerify } from 'jose'
import request from 'supertest'
import { temporaryFolder } from '../../../chassis/testing/temporary'
import { VirtualSystem } from '../../../chassis/testing/virtual-system'
import { realSystem } from '@tandem/chassis/system'
import { loadAdminKey } from '../../src/tokens/admin-key'
import { expectProblem } from '../support/problem'
import { everythingStored } from '../support/stored'
import { bearer, defaultAudiences, testUsers, type TestUsers } from '../support/user-app'

/** The token that a key is swapped for, checked against the keys that the app publishes. */
async function verifiedToken(app: TestUsers['app'], apiKey: string, now: Date) {
  const { body: token } = await request(app).post('/tokens').auth(apiKey, bearer).expect(200)
  const { body: jwks } = await request(app).get('/.well-known/jwks.json').expect(200)
  return jwtVerify(token.accessToken, createLocalJWKSet(jwks), { algorithms: ['EdDSA'], currentDate: now })
}

async function makeAdminKey({ database }: TestUsers): Promise<string> {
  const file = join(temporaryFolder(), 'admin-key')
  await loadAdminKey(file, database, realSystem)
  return readFileSync(file, 'utf8').trim()
}

describe('POST /tokens', () => {
  it('returns a token for a key, valid for fifteen minutes and not cacheable', async () => {
    const { app, database, signUp } = await testUsers()
    const { id, apiKey } = await signUp()
    const before = await everythingStored(database)

    const answer = await request(app).post('/tokens').auth(apiKey, bearer)

    expect(answer.status).toBe(200)
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(answer.body).toEqual({ accessToken: expect.any(String), tokenType: 'Bearer', expiresIn: 900 })
    expect(await everythingStored(database)).toEqual(before)
    await request(app).get(`/users/${id}`).auth(answer.body.accessToken, bearer).expect(200)
  })

  it('names the user, for both services, signed with the published key', async () => {
    const system = new VirtualSystem()
    const { app, signUp, signingKey } = await testUsers({ system })
    const { id, apiKey } = await signUp()

    const { protectedHeader, payload } = await verifiedToken(app, apiKey, new Date(system.now()))

    expect(protectedHeader).toEqual({ alg: 'EdDSA', typ: 'at+jwt', kid: signingKey.kid })
    const now = system.now() / 1000
    expect(payload).toEqual({
      iss: 'user-service',
      sub: id,
      aud: defaultAudiences,
      scope: 'user',
      iat: now,
      exp: now + 900,
      jti: expect.any(String),
    })
  })

  it('names the admin for the admin key', async () => {
    const users = await testUsers()
    const apiKey = await makeAdminKey(users)
    const { payload } = await verifiedToken(users.app, apiKey, new Date())
    expect(payload).toMatchObject({ sub: 'admin', scope: 'admin', aud: defaultAudiences })
  })

  it('names the services in TOKEN_AUDIENCES as audience', async () => {
    const tokenAudiences = ['user-service', 'greeting-service']
    const { app, signUp } = await testUsers({ tokenAudiences })
    const { payload } = await verifiedToken(app, (await signUp()).apiKey, new Date())
    expect(payload.aud).toEqual(tokenAudiences)
  })

  it('returns a token that is refused after fifteen minutes plus sixty seconds of clock skew', async () => {
    const system = new VirtualSystem()
    const { app, signUp } = await testUsers({ system })
    const { id, token } = await signUp()
    await system.pass(959_000)
    await request(app).get(`/users/${id}`).auth(token, bearer).expect(200)
    await system.pass(1_000)
    expectProblem(await request(app).get(`/users/${id}`).auth(token, bearer), 401, 'unauthenticated')
  })

  it('accepts the scheme in any case, and ignores a body', async () => {
    const { app, signUp } = await testUsers()
    const { apiKey } = await signUp()
    await request(app).post('/tokens').set('Authorization', `bearer ${apiKey}`).type('text').send('{"').expect(200)
  })

  const none = 'Bearer'
  const bad = 'Bearer error="invalid_token"'
  it.each<[string, string, (apiKey: string) => string | undefined]>([
    ['no header', none, () => undefined],
    ['a key without a scheme', none, (apiKey) => apiKey],
    ['a key of another scheme', none, (apiKey) => `Basic ${apiKey}`],
    ['a scheme without a key', none, () => 'Bearer '],
    ['an unknown key', bad, (apiKey) => `Bearer ${apiKey.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))}`],
    ['a part of a key', bad, (apiKey) => `Bearer ${apiKey.slice(0, -1)}`],
    ['a key in lower case', bad, (apiKey) => `Bearer ${apiKey.toLowerCase()}A`],
    ['two keys', bad, (apiKey) => `Bearer ${apiKey} ${apiKey}`],
    ['a key with a comma', bad, (apiKey) => `Bearer ${apiKey},${apiKey}`],
  ])('returns 401 to %s, with WWW-Authenticate: %s', async (_situation, challenge, header) => {
    const { app, signUp } = await testUsers()
    const { apiKey } = await signUp()
    const authorization = header(apiKey)
    const asked = request(app).post('/tokens')
    const answer = await (authorization === undefined ? asked : asked.set('Authorization', authorization))
    expectProblem(answer, 401, 'unauthenticated')
    expect(answer.headers['www-authenticate']).toBe(challenge)
    expect(answer.text).not.toContain(apiKey)
  })

  it('returns 401 for a token instead of a key, and for a key instead of a token', async () => {
    const { app, signUp } = await testUsers()
    const { id, apiKey, token } = await signUp()
    expectProblem(await request(app).post('/tokens').auth(token, bearer), 401, 'unauthenticated')
    expectProblem(await request(app).get(`/users/${id}`).auth(apiKey, bearer), 401, 'unauthenticated')
  })

  it('returns 401 for the stored hash instead of the key', async () => {
    const { app, database, signUp } = await testUsers()
    await signUp()
    const stored = await database.read.get<{ hash: string }>('SELECT hash FROM api_keys')
    expectProblem(await request(app).post('/tokens').auth(stored!.hash, bearer), 401, 'unauthenticated')
  })

  it('checks the key before anything else', async () => {
    const { app } = await testUsers()
    expectProblem(await request(app).post('/tokens?x=1'), 401, 'unauthenticated')
  })
})
