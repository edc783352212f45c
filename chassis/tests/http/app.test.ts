import http from 'node:http'
import { once } from 'node:events'
import request from 'supertest'
import { z } from 'zod'
import { Failure } from '@tandem/chassis/failure'
import { created, noContent, ok } from '@tandem/chassis/http/answer'
import { route, type Route } from '@tandem/chassis/http/route'
import { cents, id, text } from '@tandem/chassis/text'
import { temporaryServer } from '../support/server'
import { eventually, temporaryDatabase } from '../support/temporary'
import { testApp } from '../support/test-app'
import { insertThing, thingMigrations } from '../support/things'

const Thing = z.strictObject({ name: text({ min: 1, max: 5 }), price: cents.optional() })
const uuid = '0190f3c4-7b1a-7c3e-8d2f-0123456789ab'

const undescribed = { summary: 'for a test', answers: {} }

/** Routes that answer with what they were given. */
const things: Route[] = [
  route({
    ...undescribed,
    method: 'post',
    path: '/things',
    who: ['user', 'admin'],
    body: Thing,
    handle: ({ body, caller }) => created({ body, caller: caller.id }, { Location: '/things/1' }),
  }),
  route({
    ...undescribed,
    method: 'get',
    path: '/things',
    who: 'anyone',
    query: z.strictObject({ limit: z.string().default('20'), after: id.optional() }),
    handle: ({ query, caller, requestId }) => ok({ query, caller, requestId }),
  }),
  route({
    ...undescribed,
    method: 'get',
    path: '/things/:id',
    who: 'anyone',
    params: z.strictObject({ id }),
    headers: z.object({ 'x-seen': z.string().optional() }),
    handle: ({ params, headers }) => ok({ ...params, seen: headers['x-seen'] }),
  }),
  route({ ...undescribed, method: 'delete', path: '/things/:id', who: ['admin'], handle: () => noContent }),
  route({
    ...undescribed,
    method: 'patch',
    path: '/optional',
    who: 'anyone',
    body: z.strictObject({ a: z.int().optional() }),
    handle: ({ body }) => ok(body),
  }),
]

/** That the answer is this problem, and nothing more. */
function expectProblem(answer: request.Response, status: number, code: string, more: object = {}): void {
  expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8')
  expect(answer.body).toEqual({
    type: `/problems/${code}`,
    title: expect.any(String),
    status,
    detail: expect.any(String),
    code,
    requestId: answer.headers['x-request-id'],
    ...more,
  })
  expect(answer.status).toBe(status)
}

const errorsAt = (...pointers: string[]) => ({
  errors: pointers.map((pointer) => ({ pointer, detail: expect.any(String) })),
})

describe('A good request', () => {
  it('is answered with what the handler answers, as JSON', async () => {
    const { app, token } = await testApp(things)
    const answer = await request(app)
      .post('/things')
      .set('Authorization', await token())
      .send({ name: 'ä', price: 5 })
    expect(answer.status).toBe(201)
    expect(answer.headers).toMatchObject({ location: '/things/1', 'content-type': 'application/json; charset=utf-8' })
    expect(answer.headers['content-length']).toBe(String(Buffer.byteLength(answer.text)))
    expect(answer.body).toEqual({ body: { name: 'ä', price: 5 }, caller: 'ada' })
  })

  it('tells nothing of what the service is made of, and has no weak tag', async () => {
    const { app } = await testApp(things)
    const { headers } = await request(app).get('/things')
    expect(headers).not.toHaveProperty('x-powered-by')
    expect(headers).not.toHaveProperty('etag')
  })

  it('may have no body in its answer', async () => {
    const { app, token } = await testApp(things)
    const answer = await request(app)
      .delete('/things/1')
      .set('Authorization', await token('admin'))
    expect([answer.status, answer.text]).toEqual([204, ''])
  })

  it.each(['application/json', 'application/json; charset=utf-8', 'APPLICATION/JSON', 'application/problem+json'])(
    'may have a body of the type %s',
    async (type) => {
      const { app } = await testApp(things)
      const answer = await request(app).patch('/optional').set('Content-Type', type).send('{"a":1}')
      expect(answer.body).toEqual({ a: 1 })
    },
  )

  it('with HEAD has the headers of GET and no body', async () => {
    const { app } = await testApp(things)
    const answer = await request(app).head(`/things/${uuid}`)
    expect(answer.status).toBe(200)
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
    expect(Number(answer.headers['content-length'])).toBeGreaterThan(0)
    expect(answer.body).toEqual({})
  })

  it('to a route that takes no body may have any, which is ignored', async () => {
    const { app } = await testApp(things)
    const answer = await request(app).get(`/things/${uuid}`).set('Content-Type', 'application/json').send('{not json')
    expect(answer.status).toBe(200)
  })

  it('to a route for anyone comes from nobody, whatever its token says', async () => {
    const { app } = await testApp(things)
    const answer = await request(app).get('/things').set('Authorization', 'Bearer garbage')
    expect(answer.status).toBe(200)
    expect(answer.body.caller).toEqual({ id: 'nobody', scopes: [] })
  })

  it('may have an id in capitals, which is small from there on', async () => {
    const { app } = await testApp(things)
    const answer = await request(app).get(`/things/${uuid.toUpperCase()}`).set('X-Seen', 'yes')
    expect(answer.body).toEqual({ id: uuid, seen: 'yes' })
  })

  it('with empty query values has not given them', async () => {
    const { app } = await testApp(things)
    const answer = await request(app).get('/things?limit=&after=')
    expect(answer.body.query).toEqual({ limit: '20' })
  })
})

describe('What is checked first', () => {
  it('is the path', async () => {
    const { app } = await testApp(things)
    expectProblem(await request(app).post('/nothing').send('{not json'), 404, 'not-found')
    expectProblem(await request(app).get('/Things'), 404, 'not-found')
  })

  it('then the method, with those that there are', async () => {
    const { app } = await testApp(things)
    const answer = await request(app).put('/things').set('Content-Type', 'text/plain').send('x')
    expectProblem(answer, 405, 'method-not-allowed')
    expect(answer.headers.allow).toBe('POST, GET, HEAD')
    const options = await request(app).options('/things/1')
    expectProblem(options, 405, 'method-not-allowed')
    expect(options.headers.allow).toBe('GET, HEAD, DELETE')
  })

  it('then the token', async () => {
    const { app } = await testApp(things)
    const answer = await request(app).post('/things').set('Content-Type', 'text/plain').send('x')
    expectProblem(answer, 401, 'unauthenticated')
    expect(answer.headers['www-authenticate']).toBe('Bearer')
    expectProblem(await request(app).post('/things').set('Authorization', 'Bearer bad'), 401, 'unauthenticated')
  })

  it('then the scope', async () => {
    const { app, token } = await testApp([
      ...things,
      route({ ...undescribed, method: 'post', path: '/admins', who: ['admin'], body: Thing, handle: () => noContent }),
    ])
    const authorization = await token('user')
    const answer = await request(app).post('/admins').set('Authorization', authorization).send('not json')
    expectProblem(answer, 403, 'forbidden')
    expectProblem(await request(app).delete('/things/no-id').set('Authorization', authorization), 403, 'forbidden')
  })

  it('then the type of the body, before the body is read', async () => {
    const { app, token } = await testApp(things)
    const post = request(app)
      .post('/things')
      .set('Authorization', await token())
    expectProblem(await post.set('Content-Type', 'text/plain').send('x'), 415, 'unsupported-media-type')
  })
})

describe('A body', () => {
  async function patch(body: string | Buffer | undefined, headers: Record<string, string> = {}) {
    const { app } = await testApp(things)
    const sending = request(app)
      .patch('/optional')
      .set({ 'Content-Type': 'application/json', ...headers })
    return body === undefined ? sending : sending.serialize((sent: unknown) => sent as string).send(body)
  }

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonx', 'text/json', 'application/xml'])(
    'of the type %s is not taken',
    async (type) => {
      expectProblem(await patch('{"a":1}', { 'Content-Type': type }), 415, 'unsupported-media-type')
    },
  )

  it('without a type is not taken', async () => {
    const { app } = await testApp(things)
    const { port } = await temporaryServer(app)
    const sending = http.request({ port, host: '127.0.0.1', method: 'PATCH', path: '/optional' })
    sending.end('{"a":1}')
    const [answer] = (await once(sending, 'response')) as [http.IncomingMessage]
    expect(answer.statusCode).toBe(415)
  })

  it.each([
    ['that is compressed', { 'Content-Encoding': 'gzip' }],
    ['in another character set', { 'Content-Type': 'application/json; charset=latin1' }],
  ])('%s is not taken', async (_what, headers) => {
    expectProblem(await patch('{"a":1}', headers), 415, 'unsupported-media-type')
  })

  it.each(['{not json', '{"a":1', '', ' ', 'null', '5', '"text"', "{'a':1}", '{"a":1e}'])(
    'that is no JSON object is refused: %j',
    async (body) => {
      expectProblem(await patch(body), 400, 'invalid-request', errorsAt(''))
    },
  )

  it('that is missing is refused', async () => {
    expectProblem(await patch(undefined), 400, 'invalid-request', errorsAt(''))
  })

  it('that is missing, and said to be of length 0, is refused', async () => {
    expectProblem(await patch(undefined, { 'Content-Length': '0' }), 400, 'invalid-request', errorsAt(''))
  })

  it('that is an array is refused', async () => {
    expectProblem(await patch('[{"a":1}]'), 400, 'invalid-request', errorsAt(''))
  })

  it('of 16 kB is taken, and a larger one is not', async () => {
    const sized = (size: number) => '{"a":1}'.padEnd(size)
    expect((await patch(sized(16 * 1024))).status).toBe(200)
    expectProblem(await patch(sized(16 * 1024 + 1)), 413, 'too-large')
  })

  it('with fields that are not known is refused, and each is named', async () => {
    expectProblem(await patch('{"a":1,"b":2,"c/d~e":3}'), 400, 'invalid-request', errorsAt('/b', '/c~1d~0e'))
  })

  it.each(['__proto__', 'constructor', 'toString'])('with a field called %s is refused', async (name) => {
    const answer = await patch(`{"${name}":{"a":1}}`)
    expectProblem(answer, 400, 'invalid-request', errorsAt(`/${name}`))
    expect(({} as { a?: unknown }).a).toBeUndefined()
  })

  it.each(['1e400', '9007199254740993', '1.5', '"1"', 'null', 'true', '[]'])(
    'with %s for an integer is refused',
    async (value) => {
      expectProblem(await patch(`{"a":${value}}`), 400, 'invalid-request', errorsAt('/a'))
    },
  )

  it('that is bad in several places is refused with each of them', async () => {
    const { app, token } = await testApp(things)
    const post = request(app)
      .post('/things')
      .set('Authorization', await token())
    expectProblem(await post.send({ name: 'too long', price: 0, more: 1 }), 400, 'invalid-request', {
      errors: expect.arrayContaining(errorsAt('/name', '/price', '/more').errors),
    })
  })

  it('that is shorter than was said is no fault of the service', async () => {
    const { app, lines } = await testApp(things)
    const { port } = await temporaryServer(app)
    const headers = { 'content-type': 'application/json', 'content-length': '100' }
    const cut = http.request({ port, host: '127.0.0.1', method: 'PATCH', path: '/optional', headers })
    cut.on('error', () => undefined)
    cut.write('{"a":', () => cut.destroy())
    await new Promise((resolve) => cut.on('close', resolve))
    await eventually(() => lines.length > 0)
    expect(lines.map(({ msg }) => msg)).toEqual(['request'])
  })
})

describe('A query', () => {
  it.each([
    ['a key given twice', '/things?limit=1&limit=2', '/query/limit'],
    ['a key given twice, once empty', '/things?limit=&limit=2', '/query/limit'],
    ['an unknown key', '/things?other=1', '/query/other'],
    ['a key like __proto__', '/things?__proto__=1', '/query/__proto__'],
    ['a key that looks like a nested one', '/things?limit[a]=1', '/query/limit[a]'],
    ['a bad id', '/things?after=1', '/query/after'],
  ])('with %s is refused', async (_what, path, pointer) => {
    const { app } = await testApp(things)
    expectProblem(await request(app).get(path), 400, 'invalid-request', errorsAt(pointer))
  })

  it('is refused on a route that takes none', async () => {
    const { app } = await testApp(things)
    expectProblem(await request(app).get(`/things/${uuid}?a=1`), 400, 'invalid-request', errorsAt('/query/a'))
  })
})

describe('A path', () => {
  it('with an id that is none is refused', async () => {
    const { app } = await testApp(things)
    expectProblem(await request(app).get('/things/1'), 400, 'invalid-request', errorsAt('/path/id'))
  })

  it('that is not well encoded is refused', async () => {
    const { app } = await testApp(things)
    expectProblem(await request(app).get('/things/%E0%A4%A'), 400, 'invalid-request', errorsAt('/path'))
  })
})

describe('A handler that fails', () => {
  const failing = (fail: () => unknown) =>
    testApp(
      [route({ ...undescribed, method: 'get', path: '/fail', who: 'anyone', handle: async () => ok(await fail()) })],
      {
        problemTypes: {
          'no-tea': { status: 418, title: 'No tea', explanation: 'There is none.', headers: { 'X-Tea': 'no' } },
        },
      },
    )

  it('with a failure answers as its code has it, with what goes with it', async () => {
    const { app, lines } = await failing(() => {
      throw new Failure('no-tea', { detail: 'Gone.', members: { pot: '1' }, headers: { 'Retry-After': '9' } })
    })
    const answer = await request(app).get('/fail')
    expectProblem(answer, 418, 'no-tea', { title: 'No tea', detail: 'Gone.', pot: '1' })
    expect(answer.headers).toMatchObject({ 'x-tea': 'no', 'retry-after': '9' })
    expect(lines.map(({ msg }) => msg)).toEqual(['request'])
  })

  it('with anything else answers 500, says nothing, and logs it with the request id', async () => {
    const { app, lines } = await failing(() => {
      throw new Error('SELECT secret FROM /var/lib')
    })
    const answer = await request(app).get('/fail').set('X-Request-Id', 'wanted')
    expectProblem(answer, 500, 'internal', { requestId: 'wanted' })
    expect(answer.text).not.toMatch(/SELECT|\/var|at /)
    const failed = lines.find(({ msg }) => msg === 'request failed')
    expect(failed).toMatchObject({ level: 50, requestId: 'wanted', err: { message: 'SELECT secret FROM /var/lib' } })
  })

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'text'],
    ['an unknown type', { type: 'toString' }],
    ['a status of its own', { status: 418 }],
  ])('by throwing %s answers 500', async (_what, thrown) => {
    const { promise, reject } = Promise.withResolvers()
    reject(thrown)
    const { app } = await failing(() => promise)
    expectProblem(await request(app).get('/fail'), 500, 'internal')
  })

  it('with a code that nobody knows answers 500, as a problem', async () => {
    const { app, lines } = await failing(() => {
      throw new Failure('never-heard-of')
    })
    expectProblem(await request(app).get('/fail'), 500, 'internal')
    expect(lines.some(({ msg }) => msg === 'request failed')).toBe(true)
  })

  it('because the disk is full answers 503 and when to come again', async () => {
    const database = await temporaryDatabase(thingMigrations)
    await database.write((tx) => tx.get('PRAGMA max_page_count = 1'))
    const { app, lines } = await failing(() => database.write((tx) => insertThing(tx, 'x'.repeat(100_000))))
    const answer = await request(app).get('/fail')
    expectProblem(answer, 503, 'unavailable')
    expect(answer.headers['retry-after']).toBe('1')
    expect(lines.find(({ msg }) => msg === 'request failed')).toMatchObject({ level: 50 }) // somebody must make room
  })

  it('because of its own SQL answers 500', async () => {
    const database = await temporaryDatabase(thingMigrations)
    const { app } = await failing(() => database.read.get('SELECT nonsense'))
    expectProblem(await request(app).get('/fail'), 500, 'internal')
  })

  it('by answering what is no JSON answers 500', async () => {
    const { app } = await failing(() => ({ big: 1n }))
    expectProblem(await request(app).get('/fail'), 500, 'internal')
  })
})

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

describe('A service that is stopping', () => {
  it('asks to close the connection with each answer, and not before', async () => {
    let stopping = false
    const { app } = await testApp(things, { isStopping: () => stopping })
    const agent = new http.Agent({ keepAlive: true })
    const { port } = await temporaryServer(app)
    const connection = async (path: string) => {
      const [answer] = (await once(http.get({ port, host: '127.0.0.1', path, agent }), 'response')) as [
        http.IncomingMessage,
      ]
      answer.resume()
      await once(answer, 'end')
      return answer.headers.connection
    }
    expect(await connection('/things')).toBe('keep-alive')
    stopping = true
    expect(await connection('/things')).toBe('close')
    expect(await connection('/nothing')).toBe('close')
    agent.destroy()
  })
})

describe('The page of a problem', () => {
  it('explains each code, the service’s own too', async () => {
    const { app } = await testApp([], {
      problemTypes: { 'no-tea': { status: 418, title: 'No tea', explanation: 'There is none.' } },
    })
    for (const [code, text] of [
      ['no-tea', 'There is none.'],
      ['invalid-request', 'Invalid request'],
    ] as const) {
      const answer = await request(app).get(`/problems/${code}`)
      expect(answer.status).toBe(200)
      expect(answer.headers['content-type']).toBe('text/html; charset=utf-8')
      expect(answer.text).toContain(text)
    }
  })

  it.each(['never-heard-of', 'constructor', '__proto__'])('is not there for %s', async (code) => {
    const { app } = await testApp([])
    expectProblem(await request(app).get(`/problems/${code}`), 404, 'not-found')
  })
})
