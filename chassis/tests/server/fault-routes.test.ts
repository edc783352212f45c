import { connect } from 'node:net'
import request from 'supertest'
import { startServer } from '@tandem/chassis/server/listen'
import { silentLog } from '@tandem/chassis/log'
import { conforming } from '../../testing/conforming'
import { heldRoutes } from '../../testing/held-routes'
import { afterThisTest, eventually } from '../../testing/temporary'
import { testApp } from '../../testing/test-app'
import { VirtualSystem } from '../../testing/virtual-system'

const off = { latencyMs: 0, errorRate: 0, lostResponseRate: 0, frozen: false, endsAt: null }
const endsAt = '2026-01-01T00:01:00.000Z'

async function service({ hasChaos = true, maxInFlight = 100 } = {}) {
  const held = heldRoutes()
  const crashed: string[] = []
  const crash = () => crashed.push('crashed')
  const { app, token, lines } = await testApp(held.routes, {
    system: new VirtualSystem(),
    hasChaos,
    crash,
    maxInFlight,
  })
  const documented = await conforming(`faults ${hasChaos}`, app)
  const admin = await token('admin')
  const as = (authorization: string) => ({
    get: () => request(documented).get('/faults').set('Authorization', authorization),
    put: (body: object) => request(documented).put('/faults').set('Authorization', authorization).send(body),
    delete: () => request(documented).delete('/faults').set('Authorization', authorization),
    crash: () => request(documented).post('/faults/crash').set('Authorization', authorization),
  })
  return { app, admin, token, as, held, crashed, lines, ...as(admin) }
}

describe('/faults', () => {
  it('shows what is switched on, replaces it as a whole, and switches it off', async () => {
    const faults = await service()
    expect((await faults.get()).body).toEqual(off)
    expect((await faults.put({ latencyMs: 10, frozen: true })).body).toEqual({
      ...off,
      latencyMs: 10,
      frozen: true,
      endsAt,
    })
    expect((await faults.put({ errorRate: 0.5 })).body).toEqual({ ...off, errorRate: 0.5, endsAt })
    expect((await faults.get()).body).toEqual({ ...off, errorRate: 0.5, endsAt })
    expect((await faults.put({})).body).toEqual(off)
    await faults.put({ lostResponseRate: 1 })
    const { status, body } = await faults.delete()
    expect([status, body]).toEqual([200, off])
  })

  it.each([
    [{ latencyMs: 60_001 }, '/latencyMs'],
    [{ latencyMs: -1 }, '/latencyMs'],
    [{ latencyMs: 1.5 }, '/latencyMs'],
    [{ errorRate: 1.1 }, '/errorRate'],
    [{ lostResponseRate: -0.1 }, '/lostResponseRate'],
    [{ frozen: 'yes' }, '/frozen'],
    [{ slow: true }, '/slow'],
  ])('returns 400 to %j, and switches nothing on', async (body, pointer) => {
    const faults = await service()
    const answer = await faults.put(body)
    expect([answer.status, answer.body.errors[0].pointer]).toEqual([400, pointer])
    expect((await faults.get()).body).toEqual(off)
  })

  it('can be used by an administrator only', async () => {
    const { as, token, crashed } = await service()
    for (const [authorization, expected] of [
      ['', 401],
      [await token('user'), 403],
    ] as const) {
      const { get, put, delete: remove, crash } = as(authorization)
      for (const ask of [get(), put({ frozen: true }), remove(), crash()]) expect((await ask).status).toBe(expected)
    }
    expect(crashed).toEqual([])
  })

  it('does not exist with CHAOS=off, nor in the document', async () => {
    const { app, admin } = await service({ hasChaos: false })
    for (const [method, path] of [
      ['get', '/faults'],
      ['put', '/faults'],
      ['delete', '/faults'],
      ['post', '/faults/crash'],
    ] as const)
      expect((await request(app)[method](path).set('Authorization', admin)).status).toBe(404)
    expect((await request(app).get('/openapi.json')).text).not.toContain('faults')
  })

  it('can be switched while the service is overloaded, also by one whose body comes late', async () => {
    const { app, held, admin } = await service({ maxInFlight: 1 })
    const server = await startServer(app, { host: '127.0.0.1', port: 0, log: silentLog })
    afterThisTest(() => server.stop(0))
    const under = fetch(`${server.url}/held/a`)
    await eventually(() => held.waiting.length === 1)
    const slow = connect(server.port, '127.0.0.1')
    afterThisTest(() => slow.destroy())
    let answer = ''
    slow.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk))
    const head = `PUT /faults HTTP/1.1\r\nHost: a\r\nAuthorization: ${admin}\r\nContent-Type: application/json`
    slow.write(`${head}\r\nContent-Length: 2\r\n\r\n{`)
    await eventually(async () => (await fetch(`${server.url}/quick`)).status === 503)
    const later = { headers: { Authorization: admin } } // requests that are sent later, and get as far before it
    for (let n = 0; n < 3; n++) expect((await fetch(`${server.url}/faults`, later)).status).toBe(200)
    slow.write('}')
    await eventually(() => answer.includes('HTTP/1.1 200'))
    held.letGo()
    expect((await under).status).toBe(200)
  })
})

describe('POST /faults/crash', () => {
  it('returns 202, and ends the process after the response', async () => {
    const { crash, crashed, lines } = await service()
    const { status, text } = await crash()
    expect([status, text]).toEqual([202, ''])
    await eventually(() => crashed.length === 1)
    expect(lines.at(-1)).toMatchObject({ msg: 'crashing, as an administrator asked', level: 40 })
  })
})
