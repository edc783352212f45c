import http from 'node:http'
import request from 'supertest'
import { Failure } from '@tandem/chassis/failure'
import { noContent, routine } from '@tandem/chassis/http/response'
import { route } from '@tandem/chassis/http/route'
import { temporaryServer } from '../../testing/server'
import { eventually } from '../../testing/temporary'
import { testApp } from '../../testing/test-app'
import { things, undescribed } from '../../testing/thing-routes'

describe('A request id', () => {
  it.each(['a', 'A-b_c.9', 'x'.repeat(128)])('%s is taken and echoed', async (given) => {
    const { app, lines } = await testApp(things)
    const answer = await request(app).get('/things').set('X-Request-Id', given)
    expect(answer.headers['x-request-id']).toBe(given)
    expect(answer.body.requestId).toBe(given)
    await eventually(() => lines.length > 0)
    expect(lines[0]).toMatchObject({ requestId: given })
  })

  it.each(['', 'x'.repeat(129), 'a b', 'a/b', 'ä', 'a,b'])('"%s" is not taken, and one is made', async (given) => {
    const { app } = await testApp(things)
    const answer = await request(app).get('/things').set('X-Request-Id', Buffer.from(given).toString('latin1'))
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/)
  })

  it('is made for each request that has none', async () => {
    const { app } = await testApp(things)
    const [one, other] = [await request(app).get('/things'), await request(app).get('/nothing')]
    expect(one.headers['x-request-id']).not.toBe(other.headers['x-request-id'])
  })
})

describe('The log of requests', () => {
  it('has one line for each, with named fields and nothing that was sent', async () => {
    const { app, token, lines } = await testApp(things)
    await request(app)
      .post('/things?secret=1')
      .set('Authorization', await token())
      .send({ name: 'secret' })
    await request(app).get('/nothing/secret')
    await eventually(() => lines.length === 2)
    expect(lines).toEqual([
      expect.objectContaining({
        msg: 'request',
        method: 'POST',
        route: '/things',
        status: 400,
        caller: 'ada',
        ms: expect.any(Number),
        requestId: expect.any(String),
      }),
      expect.objectContaining({ msg: 'request', method: 'GET', route: 'none', status: 404 }),
    ])
    expect(lines[1]).not.toHaveProperty('caller')
    expect(JSON.stringify(lines)).not.toMatch(/secret|Bearer/)
  })

  it('says why a caller is not let in, and nothing of its token', async () => {
    const key = route({ ...undescribed, method: 'get', path: '/key', who: ['key'], handle: () => noContent })
    const ownCredential = { scope: 'key', name: 'key', description: 'A key.', findOwner: async () => undefined }
    const { app, token, lines } = await testApp([...things, key], { ownCredential })
    await request(app).post('/things')
    await request(app).post('/things').set('Authorization', 'Basic secret')
    await request(app).post('/things').set('Authorization', 'Bearer secret')
    await request(app).get('/key').set('Authorization', 'Bearer secret')
    await request(app)
      .delete('/things/1')
      .set('Authorization', await token('user'))
    await request(app).get('/nothing')
    await eventually(() => lines.length === 6)
    expect(lines.map(({ status, reason }) => [status, reason])).toEqual([
      [401, 'no-token'],
      [401, 'not-bearer'],
      [401, 'malformed-token'],
      [401, 'unknown-credential'],
      [403, 'wrong-scope'],
      [404, 'not-found'],
    ])
    expect(JSON.stringify(lines)).not.toContain('secret')
  })

  it('says what the response says to log', async () => {
    const handle = () => ({ ...noContent, logged: { orders: ['a', 'b'] } })
    const several = route({ ...undescribed, method: 'post', path: '/several', who: 'anyone', handle })
    const { app, lines } = await testApp([...things, several])
    await request(app).post('/several')
    await eventually(() => lines.length === 1)
    expect(lines[0]).toMatchObject({ route: '/several', orders: ['a', 'b'] })
  })

  it('has no reason for a request that was served', async () => {
    const { app, lines } = await testApp(things)
    await request(app).get('/things')
    await eventually(() => lines.length === 1)
    expect(lines[0]).not.toHaveProperty('reason')
  })

  it('names the address of the client, as a trusted proxy reports it', async () => {
    for (const [trustProxy, client] of [
      [0, expect.stringMatching(/127\.0\.0\.1$/)],
      [1, '192.0.2.1'],
    ] as const) {
      const { app, lines } = await testApp(things, { trustProxy })
      await request(app).get('/things').set('X-Forwarded-For', '192.0.2.1')
      await eventually(() => lines.length === 1)
      expect(lines[0]).toMatchObject({ client })
    }
  })

  it('names no address if that is not wanted', async () => {
    const { app, lines } = await testApp(things, { logClientAddress: false })
    await request(app).get('/things')
    await eventually(() => lines.length === 1)
    expect(lines[0]).not.toHaveProperty('client')
  })

  it('has what monitors and followers ask all the time at debug, and their failures at info', async () => {
    const { app, lines } = await testApp([
      route({ ...undescribed, method: 'get', path: '/routine', who: 'anyone', handle: () => routine(noContent) }),
      route({
        ...undescribed,
        method: 'get',
        path: '/failing',
        who: 'anyone',
        handle: () => {
          throw new Failure('unavailable')
        },
      }),
    ])
    for (const path of ['/routine', '/metrics', '/failing', '/']) await request(app).get(path)
    await eventually(() => lines.length === 4)
    expect(lines.map(({ level, route: path }) => [path, level])).toEqual([
      ['/routine', 20],
      ['/metrics', 20],
      ['/failing', 30],
      ['/', 30],
    ])
  })

  it('says that a caller went away before the answer', async () => {
    let goOn: () => void = () => undefined
    const slow = route({
      ...undescribed,
      method: 'get',
      path: '/slow',
      who: 'anyone',
      handle: () => new Promise((resolve) => (goOn = () => resolve(noContent))),
    })
    const { app, lines } = await testApp([slow])
    let began = false
    const { port } = await temporaryServer((req, res) => {
      began = true
      app(req, res)
    })
    const leaving = http.get({ port, host: '127.0.0.1', path: '/slow' })
    leaving.on('error', () => undefined)
    await eventually(() => began)
    leaving.destroy()
    await eventually(() => lines.length > 0)
    expect(lines[0]).toMatchObject({ route: '/slow', status: 'aborted' })
    goOn()
  })
})
