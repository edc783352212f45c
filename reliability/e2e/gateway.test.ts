import { randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { askPort, type Request } from '../harness/ask'
import { eventually } from '../harness/eventually'
import { metricsTricks } from '../harness/metrics-tricks'
import { rawRequest } from '../harness/raw-request'
import {
  compose,
  containerOf,
  containersOf,
  docker,
  environment,
  ports,
  project,
  root,
  serviceNames,
  startStack,
} from '../harness/stack'
import { runCommands } from './support/run-commands'
import { walkThroughGateway } from './support/walk-through-gateway'
import { withUpstream } from './support/with-upstream'

const ask = (path: string, request: Omit<Request, 'path'> = {}) => askPort(ports.gateway, { path, ...request })
const signUp = () => ({ method: 'POST', body: { name: 'Ada', email: `${randomUUID()}@example.com` } }) as const

beforeAll(startStack)

test.each(serviceNames)('the gateway passes what comes after /%s to that service', async (name) => {
  expect(await ask(`/${name}/health`)).toMatchObject({ status: 200, body: { service: name } })
})

test('the gateway serves the console with its files, and each file may be kept for ever', async () => {
  const { status, headers, body } = await rawRequest(ports.gateway, 'GET /')
  expect(status).toBe(200)
  expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'")
  const files = [...body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => file!)
  expect(files.filter((file) => file.startsWith('/assets/'))).toHaveLength(2)
  for (const file of files) {
    const found = await rawRequest(ports.gateway, `GET ${file}`)
    expect(found.status).toBe(200)
    expect(found.headers['cache-control']).toBe(
      file.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : undefined,
    )
  }
  expect((await rawRequest(ports.gateway, 'GET /user-service')).headers.location).toBe('/user-service/')
})

test('every link in a response leads to its target through the gateway', async () => {
  for (const name of serviceNames) {
    const { links } = (await ask(`/${name}/`)).body as { links: Record<string, string> }
    for (const link of Object.values(links)) expect((await rawRequest(ports.gateway, `GET ${link}`)).status).toBe(200)
    expect((await ask(`/${name}/openapi.json`)).body.servers).toEqual([{ url: `/${name}` }])
    const problem = await ask(`/${name}/nowhere`)
    expect(problem.body.type).toBe(`/${name}/problems/not-found`)
    expect((await rawRequest(ports.gateway, `GET ${problem.body.type}`)).status).toBe(200)
  }

  const user = await ask('/user-service/users', signUp())
  expect(user).toMatchObject({ status: 201, body: { name: 'Ada' } })
  const tokens = await ask('/user-service/tokens', { method: 'POST', token: user.body.apiKey })
  const { accessToken: token } = tokens.body as { accessToken: string }
  expect((await ask(user.headers.get('location')!, { token })).body).toMatchObject({ id: user.body.id })

  const items = [{ productId: 'keyboard', quantity: 1 }]
  for (let i = 0; i < 2; i++) {
    const placed = await ask('/order-service/orders', { method: 'POST', token, body: { items } })
    expect(placed.status).toBe(201)
    expect(await ask(placed.headers.get('location')!, { token })).toMatchObject({ status: 200, body: placed.body })
  }
  const page = await ask('/order-service/orders?limit=1', { token })
  const [, next] = /^<(.+)>; rel="next"$/.exec(page.headers.get('link')!)!
  const following = await ask(next!, { token })
  expect(following.body).toHaveLength(1)
  expect(following.body[0].id).not.toBe(page.body[0].id)
})

test.each([
  '/nowhere',
  '/metrics',
  '/index.html',
  '/assets/nothing.js',
  '/assets/../user-service/health',
  '/assets/',
  '//',
  '/.',
  '/%2e',
  '//user-service/health',
  '/User-Service/health',
  '/user-service%2fhealth',
  '/x/../user-service/health',
])('the gateway returns a 404 problem for %s', async (path) => {
  const { status, headers, body } = await rawRequest(ports.gateway, `GET ${path}`, ['X-Request-Id: from-the-test'])
  expect(status).toBe(404)
  expect(headers).toMatchObject({
    'content-type': 'application/problem+json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-request-id': 'from-the-test',
  })
  expect(JSON.parse(body)).toEqual({
    type: 'about:blank',
    title: 'Not found',
    status: 404,
    detail: 'There is no such thing here.',
    code: 'not-found',
    requestId: 'from-the-test',
  })
})

test('the gateway puts no text of a caller into a problem but a plain request id', async () => {
  const { headers, body } = await rawRequest(ports.gateway, 'GET /"x', ['X-Request-Id: a","b":"c'])
  expect(JSON.parse(body)).toMatchObject({ status: 404, requestId: headers['x-request-id'] })
  expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
})

test.each(serviceNames)('the metrics of %s are a 404 problem through the gateway, whatever the path', async (name) => {
  for (const target of metricsTricks(name)) {
    for (const method of ['GET', 'HEAD', 'POST']) {
      const { status, headers, body } = await rawRequest(ports.gateway, `${method} ${target}`, ['Content-Length: 0'])
      const type = headers['content-type']
      expect({ method, target, status, type }).toMatchObject({ status: 404, type: expect.stringMatching(/problem/) })
      expect(body).not.toContain('process_cpu')
    }
  }
})

test('callers who hang up in the middle of a request, or send broken chunks, harm nobody else', async () => {
  const head = 'POST /order-service/orders HTTP/1.1\r\nHost: a\r\n'
  const broken = [`${head}Content-Length: 100\r\n\r\n{`, `${head}Transfer-Encoding: chunked\r\n\r\nx\r\n`]
  for (let i = 0; i < 20; i++) {
    for (const bytes of broken) {
      const socket = connect(ports.gateway, '127.0.0.1')
      socket.on('error', () => undefined) // the gateway hangs up, too
      socket.write(bytes)
      await pause(20)
      socket.destroy()
    }
    const [status] = await Promise.race([
      ask('/order-service/health').then(({ status }) => [status]),
      pause(1_000, ['late']),
    ])
    expect(status).toBe(200)
  }
})

test('a service that is stopped is a 503 problem within 5 s, and is back within 5 s of its start', async () => {
  await compose('stop', 'user-service')
  const { status, headers, body } = await ask('/user-service/health')
  expect({ status, body }).toMatchObject({ status: 503, body: { code: 'unavailable', status: 503 } })
  expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8')
  expect(headers.get('retry-after')).toBe('1')
  expect((await ask('/order-service/health')).status).toBe(200)

  await compose('start', 'user-service')
  await eventually(5_000, 'the service is reached again', async () => {
    const answer = await ask('/user-service/health')
    return answer.status === 200 || undefined
  })
})

test('requests succeed while one of two replicas cannot be reached', async () => {
  await withUpstream(
    { docker, project, containersOf },
    'order-service',
    'setInterval(() => undefined, 1000)',
    async () => {
      const statuses = new Set<number>()
      const end = performance.now() + 4_000 // the gateway looks the name up each second
      while (performance.now() < end) statuses.add((await ask('/order-service/orders', { method: 'POST' })).status)
      expect([...statuses]).toEqual([401])
    },
  )
})

test('a request that a service received is never sent again, whatever its key', async () => {
  await compose('stop', 'order-service')
  try {
    // It cuts each connection on which it has received a POST.
    const script = `
      const received = []
      require('node:http').createServer((req, res) => {
        if (req.url === '/kept') return res.end(JSON.stringify(received))
        req.resume().on('end', () => {
          if (req.method === 'POST') received.push(req.url)
          req.socket.destroy()
        })
      }).listen(3001, '0.0.0.0')`
    await withUpstream({ docker, project, containersOf }, 'order-service', script, async () => {
      const kept = () =>
        eventually(10_000, 'the upstream is reached', async () => {
          const answer = await ask('/order-service/kept').catch(() => undefined)
          return answer?.status === 200 ? (answer.body as string[]) : undefined
        })
      const sent: string[] = []
      for (const fields of [[], ['Idempotency-Key: twice-or-once'], ['X-Idempotency-Key: twice-or-once']]) {
        for (const body of ['', '{}']) {
          await kept() // leaves a connection that can be used again
          sent.push(`/${sent.length}`)
          const target = `POST /order-service${sent.at(-1)}`
          const all = [...fields, `Content-Length: ${body.length}`]
          const { status, headers } = await rawRequest(ports.gateway, target, all, body)
          expect({ target, status }).toEqual({ target, status: 503 })
          expect(headers['retry-after']).toBe('1')
        }
      }
      expect(await kept()).toEqual(sent)
    })
  } finally {
    await compose('start', 'order-service')
  }
})

test('only the gateway can say where a request came from', async () => {
  const [network] = JSON.parse(await docker('network', 'inspect', `${project}_tandem`)) as {
    IPAM: { Config: { Gateway: string }[] }
  }[]
  const host = network!.IPAM.Config[0]!.Gateway // how this machine looks from inside
  const forged = ['X-Forwarded-For: 192.0.2.1', 'X-Forwarded-Prefix: /forged', 'X-Forwarded-Host: forged.example']
  const id = randomUUID()
  for (const [port, path, prefix] of [
    [ports['user-service'], '/nowhere', ''],
    [ports.gateway, '/user-service/nowhere', '/user-service'],
  ] as const) {
    const { body } = await rawRequest(port, `GET ${path}`, [...forged, `X-Request-Id: ${id}`])
    expect(JSON.parse(body)).toMatchObject({ type: `${prefix}/problems/not-found`, requestId: id })
  }
  const lines = await eventually(5_000, 'both requests are in the log', async () => {
    const log = await docker('logs', await containerOf('user-service'))
    const found = log.split('\n').filter((line) => line.includes(id))
    return found.length === 2 ? found.map((line) => JSON.parse(line) as { client: string }) : undefined
  })
  expect(lines.map(({ client }) => client)).toEqual([host, host])
})

test('the commands of the walk-through print what it shows, through the gateway', async () => {
  await runCommands(walkThroughGateway(), { cwd: root, env: environment })
})
