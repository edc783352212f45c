import { connect } from 'node:net'
import request from 'supertest'
import { jwksRoute } from '@tandem/chassis/auth/jwks-route'
import { healthRoutes } from '@tandem/chassis/server/health-routes'
import { heldRoutes } from '../../testing/held-routes'
import { temporaryServer } from '../../testing/server'
import { eventually, temporaryDatabase } from '../../testing/temporary'
import { testApp } from '../../testing/test-app'
import { expectProblem } from '../../testing/thing-routes'
import { newSigningKey, onlyKey } from '../../testing/tokens'
import { settled, VirtualSystem } from '../../testing/virtual-system'

interface Options {
  isStopping?: () => boolean
  maxInFlight?: number
}

async function service({ isStopping = () => false, maxInFlight = 100 }: Options = {}) {
  const system = new VirtualSystem()
  const database = await temporaryDatabase([])
  const held = heldRoutes()
  const routes = [
    ...held.routes,
    ...healthRoutes({ service: 'tea', version: '1', read: database.read, isStopping }),
    jwksRoute(onlyKey(await newSigningKey())),
  ]
  const status = { replica: 'here', database, eventLoopDelay: { p99Ms: 0 } }
  const { app, token, lines } = await testApp(routes, { system, status, hasChaos: true, isStopping, maxInFlight })
  const { url, port, server } = await temporaryServer(app)
  const arrived: string[] = []
  server.on('request', ({ url: path = '' }) => arrived.push(path))
  const admin = await token('admin')
  const switchOn = (faults: object) => request(url).put('/faults').set('Authorization', admin).send(faults).expect(200)
  const switchOff = () => request(url).delete('/faults').set('Authorization', admin).expect(200)
  const inFlight = async () =>
    (await request(url).get('/status').set('Authorization', admin)).body.requests.inFlight as number
  const post = (name: string) => request(url).post('/held').send({ name })
  return { system, url, port, admin, lines, arrived, held, switchOn, switchOff, inFlight, post }
}

/** Sends a request, and gives what it resolves to a place to be looked at. */
function sent(asked: request.Test) {
  const seen: { status?: number } = {}
  void asked.then(({ status }) => (seen.status = status))
  return seen
}

const never = ['/health', '/health/live', '/metrics', '/docs', '/openapi.json', '/', '/problems/internal'] as const

describe('A fault that is switched on', () => {
  it.each([{ errorRate: 1 }, { lostResponseRate: 1 }, { frozen: true }, { latencyMs: 60_000 }])(
    '%j hits no route by which the service is operated',
    async (fault) => {
      const { url, admin, switchOn, switchOff } = await service()
      await switchOn(fault)
      for (const path of [...never, '/.well-known/jwks.json']) await request(url).get(path).expect(200)
      for (const path of ['/status', '/faults']) await request(url).get(path).set('Authorization', admin).expect(200)
      await switchOff()
      await request(url).get('/quick').expect(200)
    },
  )

  it('errorRate: returns 503 with Retry-After, and does not work on the request', async () => {
    const { post, held, switchOn } = await service()
    await switchOn({ errorRate: 1 })
    const answer = await post('a')
    expectProblem(answer, 503, 'unavailable')
    expect(answer.headers['retry-after']).toBe('1')
    expect(held.begun).toEqual([])
  })

  it('errorRate: is a share, decided by chance', async () => {
    const { url, system, switchOn } = await service()
    await switchOn({ errorRate: 0.3 })
    const chances = [0.29, 0.3, 0.9]
    system.random = () => chances.shift() ?? 1
    const statuses = []
    for (let n = 0; n < 3; n++) statuses.push((await request(url).get('/quick')).status)
    expect(statuses).toEqual([503, 200, 200])
  })

  it('lostResponseRate: works on the request, and cuts the connection instead of the response', async () => {
    const { post, held, switchOn, inFlight, lines } = await service()
    await switchOn({ lostResponseRate: 1 })
    const lost = post('a').then(
      () => 'a response',
      (error: unknown) => (error as NodeJS.ErrnoException).code, // as a connection reports it
    )
    await eventually(() => held.begun.length === 1)
    held.letGo()
    expect(await lost).toBe('ECONNRESET')
    expect(await inFlight()).toBe(0)
    await eventually(() => lines.some(({ route }) => route === '/held'))
    expect(lines.find(({ route }) => route === '/held')).toMatchObject({ msg: 'request', status: 'aborted' })
  })

  it('latencyMs: works on the request after so long, and counts it as in flight meanwhile', async () => {
    const { post, system, held, switchOn, inFlight } = await service()
    await switchOn({ latencyMs: 300 })
    const slow = sent(post('a'))
    await eventually(() => system.timers === 2) // of the request, and of the end
    expect(await inFlight()).toBe(1)
    await system.pass(299)
    expect(held.begun).toEqual([])
    await system.pass(1)
    await eventually(() => held.begun.length === 1)
    held.letGo()
    await eventually(() => slow.status === 200)
  })

  it('frozen: keeps requests waiting until it is thawed, without a slot, and works on them then', async () => {
    const { url, post, arrived, held, switchOn, switchOff, inFlight } = await service({ maxInFlight: 2 })
    await switchOn({ frozen: true })
    const waiting = [sent(post('a')), sent(request(url).get('/quick')), sent(request(url).get('/nowhere'))]
    await eventually(() => arrived.length === 4)
    await settled()
    expect(await inFlight()).toBe(0)
    expect([waiting[0], waiting[1], held.begun]).toEqual([{}, {}, []])
    await switchOff()
    await eventually(() => held.begun.length === 1)
    held.letGo()
    await eventually(() => waiting.every(({ status }) => status !== undefined))
    expect(waiting.map(({ status }) => status)).toEqual([200, 200, 404])
  })

  it('frozen: works on what came after 60 s if nobody thaws it', async () => {
    const { url, system, arrived, switchOn } = await service()
    await switchOn({ frozen: true })
    await system.pass(59_999)
    const held = sent(request(url).get('/quick'))
    await eventually(() => arrived.includes('/quick'))
    await settled()
    expect(held).toEqual({})
    await system.pass(1)
    await eventually(() => held.status === 200)
  })

  it.each([
    ['off', {}],
    ['to lost responses', { lostResponseRate: 1 }],
  ])(
    'frozen: works on a request whose caller has gone, and frees its slot, if it is switched %s',
    async (_to, next) => {
      const { port, arrived, held, switchOn, inFlight } = await service({ maxInFlight: 1 })
      await switchOn({ frozen: true })
      const body = '{"name":"a"}'
      const head = `POST /held HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`
      const caller = connect(port, '127.0.0.1', () => caller.write(`${head}\r\n\r\n${body}`))
      await eventually(() => arrived.includes('/held'))
      await settled()
      const gone = new Promise((resolve) => caller.once('close', resolve))
      caller.destroy()
      await gone
      await settled()
      await switchOn(next)
      await eventually(() => held.begun.length === 1)
      expect(held.begun).toEqual(['a'])
      held.letGo()
      await eventually(async () => (await inFlight()) === 0)
    },
  )

  it('frozen: refuses a body that is too large, once it is thawed', async () => {
    const { url, arrived, switchOn, switchOff } = await service()
    await switchOn({ frozen: true })
    const large = sent(
      request(url)
        .post('/held')
        .send({ name: 'x'.repeat(17_000) }),
    )
    await eventually(() => arrived.includes('/held'))
    await settled()
    expect(large).toEqual({})
    await switchOff()
    await eventually(() => large.status === 413)
  })

  it('is ignored once the service stops', async () => {
    let stopping = false
    const { url, switchOn } = await service({ isStopping: () => stopping })
    await switchOn({ frozen: true, errorRate: 1 })
    stopping = true
    await request(url).get('/quick').expect(200)
  })

  it('is named in one warning, however many requests it hits within 10 s', async () => {
    const { url, lines, switchOn } = await service()
    await switchOn({ errorRate: 1 })
    for (let n = 0; n < 3; n++) await request(url).get('/quick').expect(503)
    expect(lines.filter(({ msg }) => msg.startsWith('faults ')).map(({ msg, level }) => [msg, level])).toEqual([
      ['faults switched on', 40],
      ['faults are on', 40],
    ])
  })
})
