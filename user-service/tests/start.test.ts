import http, { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import request from 'supertest'
import { rawClient } from '../../chassis/testing/raw-client'
import { afterThisTest, eventually, temporarySqlite, temporaryFolder } from '../../chassis/testing/temporary'
import { loadSigningKey, type SigningKey } from '@tandem/chassis/auth/signing-key'
import { OperatorError } from '@tandem/chassis/failure'
import { realSystem, type System, type Timer } from '@tandem/chassis/system'
import { migrations } from '../src/database/migrations'
import { expectProblem } from './support/problem'
import { adminToken, started } from './support/started-service'
import { bearer, newEmail, newSigningKey, signServiceToken } from './support/user-app'

async function newUser(url: string): Promise<{ id: string; apiKey: string; creditCents: number }> {
  const { body } = await request(url).post('/users').send({ name: 'Ada', email: newEmail() }).expect(201)
  return body
}

/** What comes back for these bytes until the connection is closed. */
async function rawResponse(port: number, bytes: string): Promise<string> {
  const { send, untilClosed } = await rawClient(port)
  send(bytes)
  return untilClosed()
}

/** order-service, as far as user-service knows it: its keys, at an address of its own. */
async function orderService(): Promise<{
  key: SigningKey
  jwksUrl: string
  server: Server
  asked: () => string[]
  /** Publishes another key in place of the one before, and returns it. */
  changeKey: () => Promise<SigningKey>
}> {
  let key = await newSigningKey()
  const asked: string[] = []
  const server = createServer((req, res) => {
    asked.push(req.url ?? '')
    res.setHeader('Content-Type', 'application/json').end(JSON.stringify({ keys: [key.publicJwk] }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  afterThisTest(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    key,
    jwksUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys?v=1`,
    server,
    asked: () => asked,
    changeKey: async () => (key = await newSigningKey()),
  }
}

/** POST /users whose headers have arrived and whose body is still to come. */
async function halfSignUp(port: number): Promise<{ finish: () => Promise<{ status: number; body: string }> }> {
  const body = JSON.stringify({ name: 'Ada', email: newEmail() })
  const asked = http.request({
    host: '127.0.0.1',
    port,
    method: 'POST',
    path: '/users',
    headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body), Expect: '100-continue' },
  })
  asked.flushHeaders()
  await new Promise((resolve) => asked.once('continue', resolve))
  return {
    finish: () =>
      new Promise((resolve, reject) => {
        asked.once('error', reject)
        asked.once('response', (answer) => {
          let text = ''
          answer.on('data', (chunk: Buffer) => (text += chunk.toString()))
          answer.on('end', () => {
            resolve({ status: answer.statusCode ?? 0, body: text })
          })
        })
        asked.end(body)
      }),
  }
}

describe('user-service', () => {
  it('starts on a free port and is ready without order-service', async () => {
    const { url, port, lines } = await started()
    const answer = await request(url).get('/health/ready')
    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({ status: 'ok', service: 'user-service', version: '0.0.0', checks: { database: 'ok' } })
    expect(lines.map((line) => JSON.parse(line))).toContainEqual(
      expect.objectContaining({ msg: 'ready', url, host: '127.0.0.1', port, version: '0.0.0' }),
    )
  })

  it.each([
    ['on', '127.0.0.1'],
    ['off', undefined],
  ])('logs the address of a client, or not, as LOG_CLIENT_ADDRESS=%s says', async (LOG_CLIENT_ADDRESS, client) => {
    const { url, port, lines } = await started({ environment: { LOG_CLIENT_ADDRESS } })
    await request(url).get('/users').expect(401)
    await rawResponse(port, 'hello\r\n\r\n')
    const logged = () => lines.map((line) => JSON.parse(line)).filter(({ msg }) => String(msg).startsWith('request'))
    await eventually(() => logged().length === 2)
    expect(logged().map((line) => [line.reason, line.client])).toEqual([
      ['no-token', client],
      ['HPE_INVALID_METHOD', client],
    ])
  })

  it('gives its port and its database back when it is stopped', async () => {
    const { port, folder, stop } = await started()
    await stop()
    const again = await started({ folder, environment: { PORT: String(port) } })
    expect(again.port).toBe(port)
    await request(again.url).get('/health/ready').expect(200)
  })

  it('finds users, keys and its signing key again after a restart', async () => {
    const first = await started()
    const user = await newUser(first.url)
    const token = await adminToken(first.url, first.adminKey)
    const { body: jwks } = await request(first.url).get('/.well-known/jwks.json').expect(200)
    await first.stop()

    const { url, adminKey } = await started({ folder: first.folder })

    expect(adminKey).toBe(first.adminKey)
    expect((await request(url).get('/.well-known/jwks.json')).body).toEqual(jwks)
    const { apiKey, ...shown } = user
    const found = await request(url).get(`/users/${user.id}`).auth(token, bearer).expect(200)
    expect(found.body).toEqual(shown)
    await request(url).post('/tokens').auth(apiKey, bearer).expect(200)
    await request(url).post('/tokens').auth(adminKey, bearer).expect(200)
  })

  it('logs where the admin key is, and never any key', async () => {
    const { url, adminKey, adminKeyFile, lines, stop } = await started()
    const { apiKey } = await newUser(url)
    const token = await adminToken(url, adminKey)
    await request(url).get('/health').auth(adminKey, bearer)
    await request(url).get('/users/1').auth(adminKey, bearer).expect(401)
    await stop()
    expect(lines.map((line) => JSON.parse(line))).toContainEqual(
      expect.objectContaining({ msg: 'admin key', file: adminKeyFile, show: `cat ${adminKeyFile}` }),
    )
    for (const secret of [adminKey, apiKey, token]) expect(lines.join('')).not.toContain(secret)
  })

  it('gives new users the configured credit', async () => {
    const { url } = await started({ environment: { SIGNUP_CREDIT_CENTS: '5' } })
    expect((await newUser(url)).creditCents).toBe(5)
  })

  it.each([
    ['warns that other machines can reach it', {}, 1],
    ['takes that for meant in a container', { container: 'oci' }, 0],
  ])('%s on an address that is not loopback', async (_what, environment, warnings) => {
    const { lines } = await started({ environment: { HOST: '0.0.0.0', ...environment } })
    expect(lines.filter((line) => line.includes('HOST lets other machines reach this service'))).toHaveLength(warnings)
  })

  it('refuses to start twice on one database, or with an admin key file without a key', async () => {
    const { folder } = await started()
    await expect(started({ folder })).rejects.toThrow(OperatorError)
    const key = join(temporaryFolder(), 'key')
    await expect(
      started({ environment: { ADMIN_KEY_FILE: join(folder, 'users.db'), DATABASE_URL: `sqlite:${key}` } }),
    ).rejects.toThrow(OperatorError)
  })
})

describe('A trusted service', () => {
  it('can hold credit, with keys fetched from its configured URL', async () => {
    const orders = await orderService()
    const { url } = await started({ environment: { TRUSTED_SERVICES: `order-service=${orders.jwksUrl}` } })
    const { id } = await newUser(url)
    const token = await signServiceToken(orders.key)
    await request(url).put(`/users/${id}/holds/${id}`).auth(token, bearer).send({ amountCents: 1 }).expect(201)
    expect(orders.asked()).toEqual(['/keys?v=1'])
  })

  it('can do nothing else in the name of another service, a user or the admin', async () => {
    const orders = await orderService()
    const { url } = await started({ environment: { TRUSTED_SERVICES: `order-service=${orders.jwksUrl}` } })
    const { id } = await newUser(url)
    for (const claims of [
      { scope: 'admin' },
      { scope: 'user' },
      { scope: 'user', subject: id },
      { scope: 'service', subject: 'other-service' },
      { audience: ['order-service'] },
      { issuer: 'other-service', subject: 'other-service' },
      { issuer: 'user-service', subject: 'admin', scope: 'admin' },
      { scope: 'service admin' },
      { lifetimeSeconds: 301 },
      { lifetimeSeconds: 10 * 365 * 86_400 },
    ]) {
      const token = await signServiceToken(orders.key, realSystem, claims)
      expectProblem(await request(url).get(`/users/${id}`).auth(token, bearer), 401, 'unauthenticated')
    }
  })

  it('can do nothing with a withdrawn key, even if its token was accepted before', async () => {
    const orders = await orderService()
    const { url } = await started({ environment: { TRUSTED_SERVICES: `order-service=${orders.jwksUrl}` } })
    const { id } = await newUser(url)
    const ask = (token: string) => request(url).get(`/users/${id}`).auth(token, bearer)
    const token = await signServiceToken(orders.key)
    await ask(token).expect(200)
    const next = await signServiceToken(await orders.changeKey())
    await eventually(async () => (await ask(next)).status === 200) // keys are fetched at most once a second
    expectProblem(await ask(token), 401, 'unauthenticated')
  })

  it('is never user-service itself, whose key speaks only for users and the admin', async () => {
    const folder = temporaryFolder()
    const database = await temporarySqlite(migrations, { folder })
    const ownKey = await loadSigningKey(database, realSystem)
    await database.close()
    const { url } = await started({ folder, environment: { DATABASE_URL: 'sqlite:test.db' } })
    const { id } = await newUser(url)
    const asService = { issuer: 'user-service', subject: 'user-service' }
    const token = await signServiceToken(ownKey, realSystem, asService)
    expectProblem(await request(url).get(`/users/${id}`).auth(token, bearer), 401, 'unauthenticated')
    const admin = { ...asService, subject: 'admin', scope: 'admin' }
    const asAdmin = (lifetimeSeconds: number) => signServiceToken(ownKey, realSystem, { ...admin, lifetimeSeconds })
    expectProblem(
      await request(url)
        .get(`/users/${id}`)
        .auth(await asAdmin(901), bearer),
      401,
      'unauthenticated',
    )
    await request(url)
      .get(`/users/${id}`)
      .auth(await asAdmin(900), bearer)
      .expect(200)
  })

  it('gets 503, not 401, if its keys were never fetched', async () => {
    const { key } = await orderService()
    const { url } = await started()
    const { id } = await newUser(url)
    const token = await signServiceToken(key)
    const answer = await request(url).get(`/users/${id}`).auth(token, bearer)
    expectProblem(answer, 503, 'unavailable')
    expect(answer.headers['retry-after']).toBe('1')
  })

  it('is known by its stored keys if it is down at the next start', async () => {
    const orders = await orderService()
    const environment = { TRUSTED_SERVICES: `order-service=${orders.jwksUrl}` }
    const first = await started({ environment })
    const { id } = await newUser(first.url)
    const token = await signServiceToken(orders.key)
    await request(first.url).get(`/users/${id}`).auth(token, bearer).expect(200)
    await first.stop()
    orders.server.closeAllConnections()
    await new Promise((resolve) => orders.server.close(resolve))

    const { url } = await started({ folder: first.folder, environment })

    await request(url).get(`/users/${id}`).auth(token, bearer).expect(200)
  })
})

describe('AUTH_MODE', () => {
  it('open allows a request without a token what admin and service may do, and logs that', async () => {
    const { url, lines } = await started({ environment: { AUTH_MODE: 'open' } })
    const { id } = await newUser(url)
    await request(url).put(`/users/${id}/holds/${id}`).send({ amountCents: 1 }).expect(201)
    await request(url)
      .post(`/users/${id}/deposits`)
      .set('Idempotency-Key', 'a-key-of-ours')
      .send({ amountCents: 1 })
      .expect(201)
    expect(lines.map((line) => JSON.parse(line))).toContainEqual(
      expect.objectContaining({ level: 40, msg: expect.stringContaining('AUTH_MODE=open') }),
    )
  })

  it('open refuses web pages unless HOST or ALLOWED_HOSTS names the host', async () => {
    const environment = { AUTH_MODE: 'open', HOST: '127.0.0.1', ALLOWED_HOSTS: 'tandem.example' }
    const { url } = await started({ environment })
    const ask = (host: string) => request(url).get('/users').set('Host', host)
    await ask('tandem.example').expect(200)
    await ask('user-service:3000').expect(200)
    expectProblem(await ask('rebind.example'), 403, 'forbidden')
    await request(url).get('/health/ready').set('Host', 'rebind.example').expect(200)
  })

  it('required refuses a request without a token, and logs nothing', async () => {
    const { url, lines } = await started()
    const { id } = await newUser(url)
    expectProblem(await request(url).get(`/users/${id}`), 401, 'unauthenticated')
    expect(lines.join('')).not.toContain('AUTH_MODE')
  })
})

describe('user-service, while it stops', () => {
  it('is not ready, closes connections, and finishes requests in progress', async () => {
    const { url, port, stop, folder, lines } = await started({ environment: { SHUTDOWN_GRACE_MS: '4000' } })
    const half = await halfSignUp(port)

    const stopped = stop()

    const [answer, late] = await Promise.all([
      request(url).get('/health/ready'),
      request(url).post('/users').send({ name: 'Bob', email: newEmail() }),
    ])
    expectProblem(answer, 503, 'unavailable')
    expect(answer.headers.connection).toBe('close')
    expect({ status: late.status, connection: late.headers.connection }).toEqual({ status: 201, connection: 'close' })
    await eventually(() =>
      request(url)
        .get('/health/live')
        .then(
          () => false,
          () => true,
        ),
    )
    const signedUp = await half.finish()
    await stopped
    expect(signedUp.status).toBe(201)
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({ msg: 'stopped', cut: 0 })
    const again = await started({ folder })
    await request(again.url).post('/tokens').auth(JSON.parse(signedUp.body).apiKey, bearer).expect(200)
  })

  it('waits no longer than its grace period, and logs what it cut off', async () => {
    const { port, stop, lines } = await started({ environment: { SHUTDOWN_GRACE_MS: '50' } })
    const half = await halfSignUp(port)
    await stop()
    await expect(half.finish()).rejects.toThrow()
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({ msg: 'stopped', cut: 1 })
  })

  it('returns an empty page to waiting readers, and cuts nobody off', async () => {
    const { url, adminKey, stop, lines } = await started({ environment: { SHUTDOWN_GRACE_MS: '4000' } })
    const headers = { authorization: `Bearer ${await adminToken(url, adminKey)}` }
    const polls = [fetch(`${url}/events?timeout=30000`, { headers }), fetch(`${url}/events?timeout=30000`, { headers })]
    await eventually(async () => (await request(url).get('/metrics')).text.includes('\nfeed_readers_waiting 2\n'))
    await stop()
    for (const answer of await Promise.all(polls)) {
      expect([answer.status, await answer.json()]).toEqual([200, []])
    }
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({ msg: 'stopped', cut: 0 })
  })

  it('leaves no timer and no connection behind', async () => {
    const timers = new Set<Timer>()
    const system: System = {
      ...realSystem,
      setTimeout: (callback, milliseconds) => {
        const timer = realSystem.setTimeout(() => {
          timers.delete(timer)
          callback()
        }, milliseconds)
        timers.add(timer)
        return timer
      },
      clearTimeout: (timer) => {
        timers.delete(timer)
        realSystem.clearTimeout(timer)
      },
    }
    const orders = await orderService()
    const environment = { TRUSTED_SERVICES: `order-service=${orders.jwksUrl}` }
    const { lines, stop } = await started({ environment, system })
    // Two timers: for the next fetch of the keys, and of the eraser.
    await eventually(() => lines.some((line) => line.includes('keys fetched')) && timers.size === 2)

    await stop()

    expect(timers.size).toBe(0)
    const connections = () =>
      new Promise<number>((resolve) => orders.server.getConnections((_, count) => resolve(count)))
    await eventually(async () => (await connections()) === 0)
  })
})
