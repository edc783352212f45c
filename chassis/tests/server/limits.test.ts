import { connect } from 'node:net'
import request from 'supertest'
import { z } from 'zod'
import { ok } from '@tandem/chassis/http/response'
import { route } from '@tandem/chassis/http/route'
import { startServer } from '@tandem/chassis/server/listen'
import { silentLog } from '@tandem/chassis/log'
import { afterThisTest, eventually } from '../../testing/temporary'
import { testApp } from '../../testing/test-app'

const undescribed = { method: 'get', who: 'anyone', summary: 'for a test', responses: {} } as const

/** A route that answers when the test says so, beside one that is always answered. */
function held() {
  const waiting: (() => void)[] = []
  const wait = () => new Promise<void>((resolve) => waiting.push(resolve))
  const routes = [
    route({ ...undescribed, path: '/held', handle: () => wait().then(() => ok({})) }),
    route({ ...undescribed, path: '/always', always: true, handle: () => ok({}) }),
    route({
      ...undescribed,
      method: 'post',
      path: '/body',
      body: z.strictObject({}),
      handle: () => wait().then(() => ok({})),
    }),
    route({ ...undescribed, path: '/busy', handle: () => ok({ turned: busyFor(40) }) }),
    route({ ...undescribed, path: '/one/:id', params: z.strictObject({ id: z.string() }), handle: () => ok({}) }),
    route({ ...undescribed, path: '/admin', who: ['admin'], handle: () => ok({}) }),
  ]
  return { routes, waiting }
}

function busyFor(milliseconds: number): number {
  const until = performance.now() + milliseconds
  let turned = 0
  while (performance.now() < until) turned += 1
  return turned
}

describe('more requests at once than MAX_IN_FLIGHT', () => {
  it('are told to come again, but not at a route that is always answered', async () => {
    const { routes, waiting } = held()
    const { app } = await testApp(routes, { maxInFlight: 2 })
    const under = [request(app).get('/held'), request(app).get('/held')].map((asked) =>
      asked.then(({ status }) => status),
    )
    await eventually(() => waiting.length === 2)
    const refused = await request(app).get('/held').expect(503)
    expect(refused.body.code).toBe('overloaded')
    expect(refused.headers['retry-after']).toBe('1')
    await request(app).get('/always').expect(200)
    await request(app).get('/metrics').expect(200)
    for (const answer of waiting) answer()
    expect(await Promise.all(under)).toEqual([200, 200])
    await request(app).get('/docs').expect(200)
  })

  it('are told so before their token is looked at, and after their route', async () => {
    const { routes, waiting } = held()
    const { app } = await testApp(routes, { maxInFlight: 1 })
    const under = request(app)
      .get('/held')
      .then(({ status }) => status)
    await eventually(() => waiting.length === 1)
    await request(app).get('/admin').expect(503)
    await request(app).get('/nowhere').expect(404)
    await request(app).post('/held').expect(405)
    for (const answer of waiting) answer()
    expect(await under).toBe(200)
    await request(app).get('/admin').expect(401)
  })

  it('are counted, and told in one line a second', async () => {
    const { routes, waiting } = held()
    const { app, lines } = await testApp(routes, { maxInFlight: 1 })
    const under = request(app)
      .get('/held')
      .then(({ status }) => status)
    await eventually(() => waiting.length === 1)
    const refused = await Promise.all(['a', 'b', 'c'].map((it) => request(app).get('/held').set('X-Request-Id', it)))
    expect(refused.map(({ headers, body }) => [headers['x-request-id'], body.requestId]).sort()).toEqual([
      ['a', 'a'],
      ['b', 'b'],
      ['c', 'c'],
    ])
    await request(app).get('/one/7').expect(503) // whose route is not found at a glance
    const metrics = await request(app).get('/metrics')
    expect(metrics.text).toMatch(/^http_requests_shed_total 4$/m)
    expect(metrics.text).toMatch(/^http_concurrency_limit 1$/m)
    expect(metrics.text).toMatch(/^http_requests_in_flight 1$/m)
    for (const answer of waiting) answer()
    expect(await under).toBe(200)
    await eventually(() => lines.some(({ route }) => route === '/held'))
    expect(lines.map(({ msg, requests, route, status }) => ({ msg, requests, route, status }))).toEqual([
      { msg: 'load shed', requests: 1 },
      { msg: 'request', route: '/one/:id', status: 503 },
      { msg: 'request', route: '/metrics', status: 200 },
      { msg: 'request', route: '/held', status: 200 },
    ])
  })

  it('are asked to close their connection where the service is stopping', async () => {
    const { routes, waiting } = held()
    let stopping = false
    const { app } = await testApp(routes, { maxInFlight: 1, isStopping: () => stopping })
    const server = await startServer(app, { host: '127.0.0.1', port: 0, log: silentLog })
    afterThisTest(() => server.stop(0))
    const ask = () => fetch(`http://127.0.0.1:${server.port}/held`)
    const under = ask()
    await eventually(() => waiting.length === 1)
    expect((await ask()).headers.get('connection')).toBe('keep-alive')
    stopping = true
    const refused = await ask()
    expect([refused.status, refused.headers.get('connection')]).toEqual([503, 'close'])
    for (const answer of waiting) answer()
    expect((await under).status).toBe(200)
  })

  it('are not those whose body is slow: they have no place until it is there, and then need one', async () => {
    const { routes, waiting } = held()
    const { app } = await testApp(routes, { maxInFlight: 1 })
    const server = await startServer(app, { host: '127.0.0.1', port: 0, log: silentLog })
    afterThisTest(() => server.stop(0))
    const url = `http://127.0.0.1:${server.port}`
    const slow = connect(server.port, '127.0.0.1')
    afterThisTest(() => slow.destroy())
    let answer = ''
    slow.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk))
    slow.write('POST /body HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{')

    const body = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }
    await eventually(async () => (await fetch(`${url}/docs`)).status === 200)
    const other = fetch(`${url}/body`, body)
    await eventually(() => waiting.length === 1)
    slow.write('}')
    await eventually(() => answer.includes('HTTP/1.1 503'))
    expect(waiting).toHaveLength(1)

    waiting.pop()?.()
    expect((await other).status).toBe(200)
    const again = fetch(`${url}/body`, body)
    await eventually(() => waiting.length === 1)
    expect((await fetch(`${url}/docs`)).status).toBe(503) // one whose body is there keeps others out
    waiting.pop()?.()
    expect((await again).status).toBe(200)
  })

  it('are also those beyond 64 while the processor is busy', async () => {
    const { routes } = held()
    const { app } = await testApp(routes, { maxInFlight: 80 })
    const server = await startServer(app, { host: '127.0.0.1', port: 0, log: silentLog })
    afterThisTest(() => server.stop(0))
    for (let i = 0; i < 3; i++) await fetch(`${server.url}/busy`)
    const metrics = await (await fetch(`${server.url}/metrics`)).text()
    expect(metrics).toMatch(/^http_concurrency_limit 64$/m)
  })

  it('are counted no more when their caller has gone', async () => {
    const { routes, waiting } = held()
    const { app } = await testApp(routes, { maxInFlight: 1 })
    const server = await startServer(app, { host: '127.0.0.1', port: 0, log: silentLog })
    afterThisTest(() => server.stop(0))
    const gone = new AbortController()
    const asked = fetch(`http://127.0.0.1:${server.port}/held`, { signal: gone.signal }).catch(
      (error: unknown) => error,
    )
    await eventually(() => waiting.length === 1)
    gone.abort()
    await asked
    await eventually(async () => (await fetch(`http://127.0.0.1:${server.port}/docs`)).status === 200)
    for (const answer of waiting) answer()
  })
})
