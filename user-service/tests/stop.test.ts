import http from 'node:http'
import request from 'supertest'
import { eventually } from '../../chassis/testing/temporary'
import { realSystem, type System, type Timer } from '@tandem/chassis/system'
import { expectProblem } from './support/problem'
import { adminToken, started } from './support/started-service'
import { orderService } from './support/trusted-keys'
import { bearer, newEmail } from './support/user-app'

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
  const finished = new Promise<{ status: number; body: string }>((resolve, reject) => {
    asked.once('error', reject)
    asked.once('response', (answer) => {
      let text = ''
      answer.on('data', (chunk: Buffer) => (text += chunk.toString()))
      answer.on('end', () => {
        resolve({ status: answer.statusCode ?? 0, body: text })
      })
    })
  })
  finished.catch(() => undefined) // it may be cut before the test asks for the outcome
  asked.flushHeaders()
  await new Promise((resolve) => asked.once('continue', resolve))
  return {
    finish: () => {
      asked.end(body)
      return finished
    },
  }
}

describe('user-service, while it stops', () => {
  it('works on requests that waited while it was frozen', async () => {
    const environment = { CHAOS: 'on', SHUTDOWN_GRACE_MS: '4000' }
    const { url, stop, adminKey, lines } = await started({ environment })
    const token = await adminToken(url, adminKey)
    await request(url).put('/faults').auth(token, bearer).send({ frozen: true }).expect(200)
    const waiting = request(url)
      .get('/users')
      .auth(token, bearer)
      .then(({ status }) => status)
    await eventually(() => lines.some((line) => line.includes('"faults are on"')))
    const stopped = stop()
    expect(await waiting).toBe(200)
    await stopped
    expect(lines.some((line) => line.includes('"cut":0'))).toBe(true)
  })

  it('is not ready, closes connections, and finishes requests in progress', async () => {
    const environment = { SHUTDOWN_DELAY_MS: '250', SHUTDOWN_GRACE_MS: '4000' }
    const { url, port, stop, folder, lines } = await started({ environment })
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

  it('serves and is not ready for as long as SHUTDOWN_DELAY_MS says, and then for no longer', async () => {
    const environment = { SHUTDOWN_DELAY_MS: '1500', SHUTDOWN_GRACE_MS: '0' }
    const { url, stop } = await started({ environment })
    const began = performance.now()
    const stopped = stop()
    await eventually(async () => {
      expectProblem(await request(url).get('/health/ready'), 503, 'unavailable')
      await request(url).post('/users').send({ name: 'Ada', email: newEmail() }).expect(201)
      return performance.now() - began > 1000
    })
    await stopped
    expect(performance.now() - began).toBeGreaterThan(1490)
    await expect(fetch(`${url}/health/live`)).rejects.toThrow()
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
    // For the next fetch of the keys, the next reading of its own, and of the eraser; on PostgreSQL there are more.
    await eventually(() => lines.some((line) => line.includes('keys fetched')) && timers.size >= 3)

    await stop()

    expect(timers.size).toBe(0)
    const connections = () =>
      new Promise<number>((resolve) => orders.server.getConnections((_, count) => resolve(count)))
    await eventually(async () => (await connections()) === 0)
  })
})
