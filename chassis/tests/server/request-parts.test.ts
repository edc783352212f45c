import http from 'node:http'
import { once } from 'node:events'
import request from 'supertest'
import { temporaryServer } from '../../testing/server'
import { eventually } from '../../testing/temporary'
import { testApp } from '../../testing/test-app'
import { errorsAt, expectProblem, things, uuid } from '../../testing/thing-routes'

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

  it('returns 415 if it has no media type', async () => {
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
  ])('returns 415 for %s', async (_what, headers) => {
    expectProblem(await patch('{"a":1}', headers), 415, 'unsupported-media-type')
  })

  it.each(['utf-16', 'utf-16le', 'UTF-32', 'us-ascii', '"iso-8859-1"', 'utf-8; charset=latin1', 'utf-80', ''])(
    'returns 415 if its charset is %s, which is not UTF-8, however large it is',
    async (charset) => {
      const type = { 'Content-Type': `application/json; charset=${charset}` }
      expectProblem(await patch('{"a":1}', type), 415, 'unsupported-media-type')
      expectProblem(await patch(' '.repeat(20_000), type), 415, 'unsupported-media-type')
    },
  )

  it.each(['charset=utf-8', 'charset="UTF-8"', 'charset=utf8', 'profile=x;charset=utf-8', 'profile="charset=latin1"'])(
    'is accepted as UTF-8 with the parameter %s',
    async (parameter) => {
      const answer = await patch('{"a":1}', { 'Content-Type': `application/json ; ${parameter}` })
      expect([answer.status, answer.body]).toEqual([200, { a: 1 }])
    },
  )

  it.each([
    ['a letter in Latin-1', '7b2261223a22e9227d'],
    ['half of a letter', '7b2261223a22c3227d'],
    ['a surrogate', '7b2261223a22eda080227d'],
    ['an overlong slash', '7b2261223a22c0af227d'],
    ['UTF-16', 'fffe7b007d00'],
  ])('returns 400 if its bytes are not UTF-8 but hold %s', async (_what, hex) => {
    const answer = await patch(Buffer.from(hex, 'hex'))
    expectProblem(answer, 400, 'invalid-request', { errors: [{ pointer: '', detail: 'is not UTF-8' }] })
  })

  it('can start with a byte order mark, which alone is no body', async () => {
    expect((await patch('\ufeff{"a":1}')).body).toEqual({ a: 1 })
    expectProblem(await patch('\ufeff'), 400, 'invalid-request', errorsAt(''))
  })

  it.each(['{"a":1,"a":1}', '{"a":1,"\\u0061":2}', '{"b":{"c":[{"d":1,"d":2}]}}', '{"__proto__":1,"__proto__":2}'])(
    'returns 400 if a key is there twice: %s',
    async (body) => {
      const errors = [{ pointer: '', detail: 'has a duplicate key' }]
      expectProblem(await patch(body), 400, 'invalid-request', { errors })
    },
  )

  it('can have the same key in different objects, and keys in its strings', async () => {
    const { app, token } = await testApp(things)
    const answer = await request(app)
      .post('/things')
      .set('Authorization', await token())
      .send('{"name" : ",\\":", "price": 1}')
      .type('json')
    expect(answer.body.body).toEqual({ name: ',":', price: 1 })
    expectProblem(await patch('[{"a":"a"},{"a":"\\\\"}]'), 400, 'invalid-request', {
      errors: [{ pointer: '', detail: expect.not.stringContaining('twice') }],
    })
  })

  it('returns 400 if it is nested as deep as its size allows', async () => {
    expectProblem(await patch('['.repeat(8192) + ']'.repeat(8192)), 400, 'invalid-request', errorsAt(''))
    expectProblem(await patch('['.repeat(16_384)), 400, 'invalid-request', errorsAt(''))
  })

  it.each(['{not json', '{"a":1', '', ' ', 'null', '5', '"text"', "{'a':1}", '{"a":1e}'])(
    'that is no JSON object is refused: %j',
    async (body) => {
      expectProblem(await patch(body), 400, 'invalid-request', errorsAt(''))
    },
  )

  it('returns 400 if it is missing', async () => {
    expectProblem(await patch(undefined), 400, 'invalid-request', errorsAt(''))
  })

  it('returns 400 if it is missing and Content-Length is 0', async () => {
    expectProblem(await patch(undefined, { 'Content-Length': '0' }), 400, 'invalid-request', errorsAt(''))
  })

  it('returns 400 if it is an array', async () => {
    expectProblem(await patch('[{"a":1}]'), 400, 'invalid-request', errorsAt(''))
  })

  it('returns 413 if it exceeds 16 kB, and is accepted at 16 kB', async () => {
    const sized = (size: number) => '{"a":1}'.padEnd(size)
    expect((await patch(sized(16 * 1024))).status).toBe(200)
    expectProblem(await patch(sized(16 * 1024 + 1)), 413, 'too-large')
  })

  it('returns 400 that names each unknown field', async () => {
    expectProblem(await patch('{"a":1,"b":2,"c/d~e":3}'), 400, 'invalid-request', errorsAt('/b', '/c~1d~0e'))
  })

  it('returns 400 with the first 20 of many faults, in the order of the body', async () => {
    const keys = Array.from({ length: 1_200 }, (_, i) => `k${i}`)
    const answer = await patch(`{${keys.map((key) => `"${key}":1`).join(',')}}`)
    expectProblem(answer, 400, 'invalid-request', errorsAt(...keys.slice(0, 20).map((key) => `/${key}`)))
  })

  it.each(['k', '"', '/', '~', 'é', '👩', '\x7f'])(
    'with long unknown keys of %j is refused in a few kB',
    async (letter) => {
      const keys = Array.from({ length: 20 }, (_, i) => `${'k'.repeat(i)}${letter.repeat(150)}`)
      const answer = await patch(JSON.stringify(Object.fromEntries(keys.map((key) => [key, 1]))))
      expect([answer.status, answer.body.errors.length]).toEqual([400, 20])
      expect(Buffer.byteLength(answer.text)).toBeLessThan(4_096)
      expect(answer.text).not.toContain('\\ud') // half of a pair
    },
  )

  it('returns 400 in less than 1 kB for one unknown key of 16 kB', async () => {
    const answer = await patch(`{"${'k'.repeat(16_000)}":1}`)
    expectProblem(answer, 400, 'invalid-request', errorsAt(`/${'k'.repeat(62)}…`))
    expect(answer.text.length).toBeLessThan(1_024)
  })

  it.each(['__proto__', 'constructor', 'toString'])('returns 400 for a field called %s', async (name) => {
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

  it('returns 400 with each of several faults', async () => {
    const { app, token } = await testApp(things)
    const post = request(app)
      .post('/things')
      .set('Authorization', await token())
    expectProblem(await post.send({ name: 'too long', price: 0, more: 1 }), 400, 'invalid-request', {
      errors: expect.arrayContaining(errorsAt('/name', '/price', '/more').errors),
    })
  })

  it('returns 400, not 500, if it is shorter than Content-Length', async () => {
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
  it('returns 400 with the first 20 of many unknown keys', async () => {
    const { app } = await testApp(things)
    const keys = Array.from({ length: 1_500 }, (_, i) => `k${i}`)
    const answer = await request(app).get(`/things?${keys.map((key) => `${key}=1`).join('&')}`)
    expectProblem(answer, 400, 'invalid-request', errorsAt(...keys.slice(0, 20).map((key) => `/query/${key}`)))
  })

  it.each([
    ['a key given twice', '/things?limit=1&limit=2', '/query/limit'],
    ['a key given twice, once empty', '/things?limit=&limit=2', '/query/limit'],
    ['an unknown key', '/things?other=1', '/query/other'],
    ['a key like __proto__', '/things?__proto__=1', '/query/__proto__'],
    ['a key that looks like a nested one', '/things?limit[a]=1', '/query/limit[a]'],
    ['a bad id', '/things?after=1', '/query/after'],
  ])('returns 400 for %s', async (_what, path, pointer) => {
    const { app } = await testApp(things)
    expectProblem(await request(app).get(path), 400, 'invalid-request', errorsAt(pointer))
  })

  it('is ignored on a route that declares none', async () => {
    const { app, token } = await testApp(things)
    await request(app).get(`/things/${uuid}?utm_source=mail&id=1&id=%E9`).expect(200)
    const thing = request(app)
      .post('/things?a=1')
      .set('Authorization', await token())
    await thing.send({ name: 'pen' }).expect(201)
  })

  it.each(['/', '/openapi.json', '/docs', '/metrics', '/problems/internal'])('is ignored at %s', async (path) => {
    const { app } = await testApp(things)
    await request(app).get(`${path}?uptime_kuma_cachebuster=0.4&utm_source=mail`).expect(200)
  })

  it('is read completely, however many keys it has', async () => {
    const { app } = await testApp(things)
    const empty = Array.from({ length: 1_000 }, (_, i) => `k${i}=`).join('&')
    const answer = await request(app).get(`/things?${empty}&limit=5`).expect(200)
    expect(answer.body.query).toEqual({ limit: '5' })
  })
})

describe('A path', () => {
  it('with a trailing slash is another path, and returns 404', async () => {
    const { app } = await testApp(things)
    for (const path of ['/things/', `/things/${uuid}/`, '/metrics/', '/docs/'])
      expectProblem(await request(app).get(path), 404, 'not-found')
  })

  it('returns 400 for a malformed id', async () => {
    const { app } = await testApp(things)
    expectProblem(await request(app).get('/things/1'), 400, 'invalid-request', errorsAt('/path/id'))
  })

  it('returns 400 for invalid percent-encoding', async () => {
    const { app } = await testApp(things)
    expectProblem(await request(app).get('/things/%E0%A4%A'), 400, 'invalid-request', errorsAt('/path'))
  })
})
