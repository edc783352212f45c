import request from 'supertest'
import { chassisMigrations } from '@tandem/chassis/database/chassis-migrations'
import type { StatusSources } from '@tandem/chassis/server/status-route'
import { conforming } from '../../testing/conforming'
import { heldRoutes } from '../../testing/held-routes'
import { eventually } from '../../testing/temporary'
import { temporaryDatabase } from '../../testing/temporary-database'
import { testApp } from '../../testing/test-app'
import { upstream } from '../../testing/test-upstream'
import { VirtualSystem } from '../../testing/virtual-system'

async function service(sources: Partial<StatusSources> = {}, { system = new VirtualSystem(), maxInFlight = 100 } = {}) {
  const database = await temporaryDatabase(chassisMigrations)
  const held = heldRoutes()
  const status = { replica: 'a1b2', database, eventLoopDelay: { p99Ms: 7 }, ...sources }
  const { app, token, lines } = await testApp(held.routes, { system, status, maxInFlight })
  const listener = await conforming('status', app)
  const ask = async (scope = 'admin') =>
    request(listener)
      .get('/status')
      .set('Authorization', await token(scope))
  return { app: listener, plainApp: app, ask, system, database, held, lines }
}

describe('GET /status', () => {
  it('shows an administrator all of a service that calls and follows nobody', async () => {
    const { ask, system, database } = await service()
    await system.pass(3_999)
    const { status, body } = await ask()
    expect([status, body]).toEqual([
      200,
      {
        service: 'test-service',
        version: '0.0.0',
        replica: 'a1b2',
        startedAt: '2026-01-01T00:00:00.000Z',
        uptimeSeconds: 3,
        requests: { inFlight: 0, allowed: expect.any(Number) },
        eventLoopDelayMs: 7,
        database: database.isConcurrent ? 'postgres' : 'sqlite',
        broker: null,
        unfinished: null,
        circuits: [],
        lag: {},
        parkedEvents: null,
        faults: null,
      },
    ])
  })

  it('is refused to anybody else', async () => {
    const { app, ask } = await service()
    expect((await request(app).get('/status')).status).toBe(401)
    expect((await ask('user')).status).toBe(403)
  })

  it('shows what a service follows, and what waits there', async () => {
    const follower = { feed: 'cups', currentLag: async () => ({ events: 3, seconds: 1.5 }) }
    const { ask, database } = await service({ follower, unfinished: async () => ({ pending: 2, cancelling: 1 }) })
    await database.write((tx) =>
      tx.run("INSERT INTO parked_events VALUES ('cups', 'an-event', NULL, 'a test', '2026-01-01T00:00:00.000Z')"),
    )
    expect((await ask()).body).toMatchObject({
      unfinished: { pending: 2, cancelling: 1 },
      lag: { cups: { events: 3, seconds: 1.5 } },
      parkedEvents: 1,
    })
  })

  it.each([
    [true, 'away'],
    [false, 'connected'],
  ])('shows the broker: that it is away is %s', async (isAway, broker) => {
    const { ask } = await service({ broker: { isAway } })
    expect((await ask()).body).toMatchObject({ broker })
  })

  it('shows when the open circuit lets a probe through, and that it is half-open then', async () => {
    const { system, client, openCircuit, call, transport } = upstream()
    const { ask } = await service({ upstreams: { cups: client } }, { system })
    const circuits = async () => (await ask()).body.circuits
    expect(await circuits()).toEqual([{ upstream: 'cups', state: 'closed', probesAt: null, inFlight: 0 }])

    openCircuit()
    await system.pass(250)
    const open = { upstream: 'cups', state: 'open', probesAt: '2026-01-01T00:00:01.000Z', inFlight: 0 }
    expect(await circuits()).toEqual([open])

    await system.pass(750)
    expect(await circuits()).toEqual([{ upstream: 'cups', state: 'half-open', probesAt: null, inFlight: 0 }])
    call({ once: true })
    await system.pass(0)
    expect(await circuits()).toEqual([{ upstream: 'cups', state: 'half-open', probesAt: null, inFlight: 1 }])

    transport.last.fail('reset')
    await system.pass(1)
    expect(await circuits()).toEqual([{ ...open, probesAt: '2026-01-01T00:00:02.000Z' }])
  })

  it('is served while the service is overloaded, and counts what is in flight', async () => {
    const { plainApp, ask, held } = await service({}, { maxInFlight: 1 })
    const under = request(plainApp)
      .get('/held/a')
      .then(({ status }) => status)
    await eventually(() => held.waiting.length === 1)
    expect((await request(plainApp).get('/quick')).status).toBe(503)
    const { status, body } = await ask()
    expect([status, body.requests]).toEqual([200, { inFlight: 1, allowed: 1 }])
    held.letGo()
    expect(await under).toBe(200)
    expect((await ask()).body.requests.inFlight).toBe(0)
  })

  it('is logged at debug, as a page asks for it again and again', async () => {
    const { ask, lines } = await service()
    await ask()
    await eventually(() => lines.length > 0)
    expect(lines[0]).toMatchObject({ msg: 'request', route: '/status', level: 20 })
  })
})
