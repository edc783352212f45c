import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { DatabaseSync } from 'node:sqlite'
import request from 'supertest'
import { signToken } from '@tandem/chassis/auth/signing-key'
import { OperatorError } from '@tandem/chassis/failure'
import { realSystem } from '@tandem/chassis/system'
import { freePort, temporaryServer } from '../../chassis/testing/server'
import { afterThisTest, eventually, temporaryFolder } from '../../chassis/testing/temporary'
import { readableLog } from '../../chassis/testing/test-app'
import { FakeUserService } from './support/fake-user-service'
import { onSqlite, order, start } from './support/started-service'

async function lagOf(url: string): Promise<{ events: number | null; seconds: number }> {
  const ready = await fetch(`${url}/health/ready`)
  expect(ready.status).toBe(200)
  const { lag } = (await ready.json()) as { lag: Record<string, { events: number | null; seconds: number }> }
  return lag['user-service'] ?? { events: null, seconds: NaN }
}

describe('order-service', () => {
  it.each([
    ['warns that other machines can reach it', {}, 1],
    ['takes that for meant in a container', { container: 'oci' }, 0],
  ])('%s on an address that is not loopback', async (_what, environment, warnings) => {
    const { log, lines } = readableLog()
    await start(temporaryFolder(), { HOST: '0.0.0.0', ...environment }, log)
    expect(lines.filter(({ msg }) => msg === 'HOST lets other machines reach this service')).toHaveLength(warnings)
  })

  it('starts and is ready without user-service, and returns 503 while it cannot check a token', async () => {
    const fake = await FakeUserService.start()
    await fake.stop()
    const { url } = await start(temporaryFolder(), { USER_SERVICE_URL: fake.url })
    const ready = await fetch(`${url}/health/ready`)
    expect(ready.status).toBe(200)
    expect(await ready.json()).toEqual({
      status: 'ok',
      service: 'order-service',
      version: '1.2.3',
      checks: { database: 'ok' },
      lag: { 'user-service': { events: null, seconds: expect.any(Number) } },
    })
    const answer = await order(url, await fake.token(fake.user()))
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('1')
    await fake.listen()
    await eventually(async () => (await order(url, await fake.token(fake.user()))).status === 201)
  })

  it('says where it is ready', async () => {
    const { log, lines } = readableLog()
    const { url } = await start(temporaryFolder(), {}, log)
    expect(lines).toContainEqual(expect.objectContaining({ msg: 'ready', level: 30, url, version: '1.2.3' }))
  })

  it('checks tokens in its next life while user-service is down, by the keys that it kept', async () => {
    const fake = await FakeUserService.start()
    const folder = temporaryFolder()
    const first = await start(folder, { USER_SERVICE_URL: fake.url })
    const token = await fake.token(fake.user())
    expect((await order(first.url, token)).status).toBe(201)
    await first.stop()
    await fake.stop()
    const { url } = await start(folder, { USER_SERVICE_URL: fake.url })
    expect((await order(url, token)).status).toBe(202)
  })

  it('returns 401 for a token of user-service that lives longer than 15 minutes', async () => {
    const fake = await FakeUserService.start()
    const { url } = await start(temporaryFolder(), { USER_SERVICE_URL: fake.url })
    const userId = fake.user()
    const signed = (lifetimeSeconds: number) =>
      signToken(fake.signingKey, realSystem, {
        issuer: 'user-service',
        subject: userId,
        audience: ['order-service'],
        scope: 'user',
        lifetimeSeconds,
      })
    expect((await order(url, await signed(900))).status).toBe(201)
    for (const seconds of [901, 10 * 365 * 86_400]) expect((await order(url, await signed(seconds))).status).toBe(401)
  })

  it('refuses web pages in open mode unless HOST or ALLOWED_HOSTS names the host', async () => {
    const environment = { AUTH_MODE: 'open', ALLOWED_HOSTS: 'tandem.example', USER_SERVICE_URL: 'http://127.0.0.1:9' }
    const { url } = await start(temporaryFolder(), environment)
    const ask = async (host: string) => (await request(url).get('/orders').set('Host', host)).status
    expect(await ask('tandem.example')).toBe(200)
    expect(await ask('order-service:3001')).toBe(200)
    expect(await ask('rebind.example')).toBe(403)
  })

  it('settles at start what the last process left unfinished', async () => {
    const fake = await FakeUserService.start()
    const folder = temporaryFolder()
    const environment = { USER_SERVICE_URL: fake.url, ...onSqlite(folder) }
    const first = await start(folder, environment)
    const token = await fake.token(fake.user())
    fake.before = () => 'cut'
    const { id } = (await (await order(first.url, token)).json()) as { id: string }
    await first.stop()
    const file = new DatabaseSync(`${folder}/orders.db`)
    file.prepare('UPDATE orders SET due_at = ?').run(Date.now() + 3_600_000)
    file.close()
    fake.before = () => undefined
    const { url } = await start(folder, environment)
    await eventually(async () => {
      const answer = await fetch(`${url}/orders/${id}`, { headers: { authorization: `Bearer ${token}` } })
      return ((await answer.json()) as { status: string }).status === 'confirmed'
    })
  })

  it('follows user-service, reports its lag, and stays ready while user-service is down', async () => {
    const fake = await FakeUserService.start()
    const userId = fake.user()
    await fake.publish('user.created', { id: userId, name: 'Ada', version: 1 })
    const { url } = await start(temporaryFolder(), { USER_SERVICE_URL: fake.url })
    await eventually(async () => (await lagOf(url)).events === 0)
    const token = await fake.token(userId)
    const placed = (await (await order(url, token)).json()) as { id: string; user: unknown }
    expect(placed.user).toEqual({ id: userId, name: 'Ada' })
    const metrics = await (await fetch(`${url}/metrics`)).text()
    for (const line of [
      'followed_events_total{feed="user-service",outcome="handled"} 1',
      'feed_lag_events{feed="user-service"} 0',
      'feed_lag_seconds{feed="user-service"} 0',
      'parked_events{feed="user-service"} 0',
      'feed_readers_waiting 0',
    ])
      expect(metrics.split('\n')).toContain(line)

    await fake.stop()
    await eventually(async () => (await lagOf(url)).seconds > 0)
    const answer = await fetch(`${url}/orders/${placed.id}`, { headers: { authorization: `Bearer ${token}` } })
    expect(await answer.json()).toMatchObject({ user: { name: 'Ada' } })

    await fake.listen()
    await fake.publish('user.updated', { id: userId, name: 'Countess', version: 2 })
    await eventually(async () => {
      const { user } = (await (await order(url, token)).json()) as { user: { name: string } }
      return user.name === 'Countess'
    })
  })

  it('serves its keys before it first reads the feed, as user-service checks its token by them', async () => {
    const port = await freePort()
    const keys: unknown[] = []
    const { url } = await temporaryServer((req, res) => {
      if (!req.url?.startsWith('/events')) res.writeHead(503).end()
      else
        void fetch(`http://127.0.0.1:${port}/.well-known/jwks.json`)
          .then(
            ({ status }) => keys.push(status),
            (error: unknown) => keys.push(error),
          )
          .finally(() => res.end('[]'))
    })
    await start(temporaryFolder(), { PORT: String(port), USER_SERVICE_URL: url })
    await eventually(() => keys.length > 0)
    expect(keys[0]).toBe(200)
  })

  it('refuses to start, with a message, if its port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    afterThisTest(() => other.close())
    await eventually(() => other.listening)
    const { port } = other.address() as AddressInfo
    const starting = start(temporaryFolder(), { PORT: String(port) })
    await expect(starting).rejects.toThrow(OperatorError)
    await expect(starting).rejects.toThrow(`cannot listen on 127.0.0.1:${port}: it is taken`)
  })

  it('refuses to start if another process has its database open', async () => {
    const folder = temporaryFolder()
    await start(folder, onSqlite(folder))
    await expect(start(folder, onSqlite(folder))).rejects.toThrow(
      `the database ${folder}/orders.db is in use by another process`,
    )
  })
})
