import request from 'supertest'
import { realSystem } from '@tandem/chassis/system'
import { temporaryServer } from '../../chassis/testing/server'
import { eventually } from '../../chassis/testing/temporary'
import { temporarySqlite } from '../../chassis/testing/temporary-sqlite'
import { expectProblem } from './support/problem'
import { everythingStored } from './support/stored'
import { bearer, newEmail, testUsers } from './support/user-app'

describe('RATE_LIMIT_PER_MINUTE', () => {
  it('limits sign-ups and tokens together, by address, and nothing else', async () => {
    const { app, database, adminToken } = await testUsers({ rateLimitPerMinute: 2 })
    const { body: user } = await request(app).post('/users').send({ name: 'Ada', email: newEmail() }).expect(201)
    await request(app).post('/tokens').auth(user.apiKey, bearer).expect(200)
    const refused = [
      await request(app).post('/users').send({ name: 'Bob', email: newEmail() }),
      await request(app).post('/tokens').auth(user.apiKey, bearer),
    ]
    for (const answer of refused) {
      expectProblem(answer, 429, 'rate-limited')
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
    }
    expect(await database.read.get('SELECT COUNT(*) AS users FROM users')).toEqual({ users: 1 })
    await request(app)
      .get('/users')
      .auth(await adminToken(), bearer)
      .expect(200)
  })

  it('limits changes of users and new keys together, by caller and apart from its address', async () => {
    const { app, database, signUp } = await testUsers({ rateLimitPerMinute: 4 })
    const [ada, bob] = [await signUp(), await signUp()] // of their address, that was all
    const change = (token: string, email: string) =>
      request(app).patch(`/users/${ada.id}`).auth(token, bearer).send({ email })
    const { email: taken } = (await database.read.get<{ email: string }>(
      'SELECT email FROM users WHERE id = ?',
      bob.id,
    ))!
    for (let n = 0; n < 2; n++) expectProblem(await change(ada.token, taken), 409, 'email-taken')
    await change(ada.token, newEmail()).expect(200)
    const { body } = await request(app).post(`/users/${ada.id}/keys`).auth(ada.apiKey, bearer).expect(201)
    const before = await everythingStored(database)
    const refused = [
      await change(ada.token, taken),
      await change(ada.token, newEmail()),
      await request(app).post(`/users/${ada.id}/keys`).auth(body.apiKey, bearer),
    ]
    for (const answer of refused) {
      expectProblem(answer, 429, 'rate-limited')
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
      expect(answer.headers['ratelimit-policy']).toMatch(/q=4; w=60/)
      expect(answer.headers.ratelimit).toMatch(/r=0/)
    }
    expect(await everythingStored(database)).toEqual(before)
    expectProblem(await change(bob.token, newEmail()), 404, 'user-not-found')
    await request(app).get(`/users/${ada.id}`).auth(ada.token, bearer).expect(200)
  })

  it('believes a proxy only if TRUST_PROXY says so', async () => {
    const ask = async (trustProxy: number) => {
      const { app } = await testUsers({ rateLimitPerMinute: 1, trustProxy })
      const from = (address: string) =>
        request(app).post('/users').set('X-Forwarded-For', address).send({ name: 'Ada', email: newEmail() })
      return [(await from('192.0.2.1')).status, (await from('192.0.2.2')).status]
    }
    expect(await ask(0)).toEqual([201, 429])
    expect(await ask(1)).toEqual([201, 201])
  })
})

describe('MAX_IN_FLIGHT', () => {
  it('limits concurrent requests, but not the health check', async () => {
    const held: (() => void)[] = []
    let holds = false
    const afterTurn = (commit: () => void) => {
      if (holds) held.push(commit)
      else realSystem.afterTurn(commit)
    }
    const { app, adminToken } = await testUsers({
      maxInFlight: 1,
      system: { ...realSystem, afterTurn },
      openTemporary: temporarySqlite, // a commit waits for afterTurn
    })
    const token = await adminToken()
    const { url } = await temporaryServer(app)
    holds = true
    const signUp = request(url).post('/users').send({ name: 'Ada', email: newEmail() })
    const signedUp = signUp.then(({ status }) => status)
    await eventually(() => held.length === 1) // it is worked on now, and waits for its commit
    const refused = await fetch(`${url}/users`, { headers: { authorization: `Bearer ${token}` } })
    expect(refused.status).toBe(503)
    expect(await refused.json()).toMatchObject({ code: 'overloaded' })
    expect(refused.headers.get('retry-after')).toBe('1')
    expect((await fetch(`${url}/health/ready`)).status).toBe(200)
    expect((await fetch(`${url}/.well-known/jwks.json`)).status).toBe(200)
    for (const commit of held) commit()
    expect(await signedUp).toBe(201)
  })

  it('leaves room for all calls of order-service, however busy the CPU is', async () => {
    const newId = () => {
      const until = performance.now() + 40
      while (performance.now() < until);
      return realSystem.newId()
    }
    const { app } = await testUsers({ maxInFlight: 256, system: { ...realSystem, newId } })
    const { url } = await temporaryServer(app)
    for (let i = 0; i < 5; i++) await fetch(`${url}/health/live`)
    const metrics = await (await fetch(`${url}/metrics`)).text()
    expect(metrics).toMatch(/^http_concurrency_limit 160$/m)
  })
})
