import { calculateJwkThumbprint } from 'jose'
import request from 'supertest'
import { commonProblemTypes } from '@tandem/chassis/http/problem-types'
import { problemTypes } from '../src/problems'
import { expectProblem } from './support/problem'
import { testUsers } from './support/user-app'

describe('Health', () => {
  it.each(['/health', '/health/ready'])('%s returns 200 if the service is ready', async (path) => {
    const { app } = await testUsers()
    const answer = await request(app).get(path)
    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({
      status: 'ok',
      service: 'user-service',
      version: '0.0.0',
      checks: { database: 'ok' },
    })
  })

  it.each(['/health', '/health/ready', '/health/live', '/.well-known/jwks.json'])(
    'returns 200 at %s with a query, which monitors and browsers add',
    async (path) => {
      const { app } = await testUsers()
      await request(app).get(`${path}?uptime_kuma_cachebuster=0.4`).expect(200)
    },
  )

  it.each(['/health', '/health/ready'])('%s returns 503 if the database cannot be read', async (path) => {
    const { app, database } = await testUsers()
    await database.close()
    const answer = await request(app).get(path)
    expectProblem(answer, 503, 'unavailable')
    expect(answer.headers['retry-after']).toBe('1')
    await request(app).get('/health/live').expect(200)
  })

  it('returns 503 while the service stops, and closes every connection', async () => {
    const { app } = await testUsers({ isStopping: () => true })
    for (const path of ['/health', '/health/ready']) {
      const answer = await request(app).get(path)
      expectProblem(answer, 503, 'unavailable')
      expect(answer.headers.connection).toBe('close')
    }
    const live = await request(app).get('/health/live').expect(200)
    expect(live.headers.connection).toBe('close')
  })
})

describe('GET /.well-known/jwks.json', () => {
  it('returns only the public half of the signing key, under its thumbprint', async () => {
    const { app, signingKey } = await testUsers()
    const answer = await request(app).get('/.well-known/jwks.json')
    expect(answer.status).toBe(200)
    const [jwk] = answer.body.keys
    expect(answer.body).toEqual({
      keys: [
        {
          kty: 'OKP',
          crv: 'Ed25519',
          x: expect.stringMatching(/^[\w-]{43}$/),
          kid: await calculateJwkThumbprint(jwk),
          alg: 'EdDSA',
          use: 'sig',
        },
      ],
    })
    expect(jwk.kid).toBe(signingKey.kid)
  })
})

describe('GET /problems/:code', () => {
  const contract: Record<string, number> = {
    'invalid-request': 400,
    unauthenticated: 401,
    'insufficient-credit': 402,
    forbidden: 403,
    'not-found': 404,
    'user-not-found': 404,
    'method-not-allowed': 405,
    'email-taken': 409,
    'hold-released': 409,
    'hold-mismatch': 409,
    'precondition-failed': 412,
    'too-large': 413,
    'unsupported-media-type': 415,
    'idempotency-key-reused': 422,
    'rate-limited': 429,
    internal: 500,
    overloaded: 503,
    unavailable: 503,
  }
  const known = Object.keys({ ...commonProblemTypes, ...problemTypes })

  it.each(known)('explains %s on a page, with the status of the contract', async (code) => {
    const { app } = await testUsers()
    const answer = await request(app).get(`/problems/${code}`)
    expect(answer.status).toBe(200)
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(answer.text).toContain(`<p>Status ${contract[code]}, code <code>${code}</code></p>`)
  })

  it.each(['unknown', 'constructor', '__proto__', 'toString'])('returns 404 for %s', async (code) => {
    const { app } = await testUsers()
    expectProblem(await request(app).get(`/problems/${code}`), 404, 'not-found')
  })
})

describe('An unknown route', () => {
  it('returns a 404 problem, whoever asks', async () => {
    const { app } = await testUsers()
    for (const path of ['/nowhere', '/Tokens', '/users/a/b/c'])
      expectProblem(await request(app).get(path), 404, 'not-found')
  })

  it('returns 405 with the allowed methods if the path has others', async () => {
    const { app } = await testUsers()
    const answer = await request(app).delete('/tokens')
    expectProblem(answer, 405, 'method-not-allowed')
    expect(answer.headers.allow).toBe('POST')
    expect((await request(app).put('/users/1')).headers.allow).toMatch(/^GET, HEAD, (PATCH, )?DELETE$/)
  })
})
