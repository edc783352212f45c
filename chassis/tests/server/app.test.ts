import http from 'node:http'
import { once } from 'node:events'
import request from 'supertest'
import { noContent } from '@tandem/chassis/http/response'
import { route } from '@tandem/chassis/http/route'
import { temporaryServer } from '../../testing/server'
import { testApp } from '../../testing/test-app'
import { errorsAt, expectProblem, Thing, things, undescribed, uuid } from '../../testing/thing-routes'

describe('A good request', () => {
  it("returns the handler's result as JSON", async () => {
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

  it('reveals nothing of its software, and has no weak tag', async () => {
    const { app } = await testApp(things)
    const { headers } = await request(app).get('/things')
    expect(headers).not.toHaveProperty('x-powered-by')
    expect(headers).not.toHaveProperty('etag')
  })

  it('can have a response without a body', async () => {
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

  it('returns the headers of GET without a body for HEAD', async () => {
    const { app } = await testApp(things)
    const answer = await request(app).head(`/things/${uuid}`)
    expect(answer.status).toBe(200)
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
    expect(Number(answer.headers['content-length'])).toBeGreaterThan(0)
    expect(answer.body).toEqual({})
  })

  it('can have any body if the route accepts none, which is ignored', async () => {
    const { app } = await testApp(things)
    const answer = await request(app).get(`/things/${uuid}`).set('Content-Type', 'application/json').send('{not json')
    expect(answer.status).toBe(200)
  })

  it('has no caller on a route for anyone, whatever its token says', async () => {
    const { app } = await testApp(things)
    const answer = await request(app).get('/things').set('Authorization', 'Bearer garbage')
    expect(answer.status).toBe(200)
    expect(answer.body.caller).toEqual({ id: 'nobody', scopes: [] })
  })

  it('can have an id in upper case, which becomes lower case', async () => {
    const { app } = await testApp(things)
    const answer = await request(app).get(`/things/${uuid.toUpperCase()}`).set('X-Seen', 'yes')
    expect(answer.body).toEqual({ id: uuid, seen: 'yes' })
  })

  it('treats empty query values as not given', async () => {
    const { app } = await testApp(things)
    const answer = await request(app).get('/things?limit=&after=')
    expect(answer.body.query).toEqual({ limit: '20' })
  })
})

describe('The order of checks', () => {
  it('starts with the path', async () => {
    const { app } = await testApp(things)
    expectProblem(await request(app).post('/nothing').send('{not json'), 404, 'not-found')
    expectProblem(await request(app).get('/Things'), 404, 'not-found')
  })

  it('then checks the method, and lists the allowed ones', async () => {
    const { app } = await testApp(things)
    const answer = await request(app).put('/things').set('Content-Type', 'text/plain').send('x')
    expectProblem(answer, 405, 'method-not-allowed')
    expect(answer.headers.allow).toBe('POST, GET, HEAD')
    const options = await request(app).options('/things/1')
    expectProblem(options, 405, 'method-not-allowed')
    expect(options.headers.allow).toBe('GET, HEAD, DELETE')
  })

  it('then checks the concurrency limit, then the encoding of the path', async () => {
    const { app } = await testApp(things)
    const malformed = '/things/%E0%A4%A'
    expectProblem(await request(app).put(malformed), 405, 'method-not-allowed')
    expectProblem(await request(app).get('/nothing/%E0%A4%A'), 404, 'not-found')
    expectProblem(await request(app).delete(malformed), 400, 'invalid-request', errorsAt('/path'))
    const full = await testApp(things, { maxInFlight: 0 })
    expectProblem(await request(full.app).get(malformed), 503, 'overloaded')
  })

  it('then checks the token', async () => {
    const { app } = await testApp(things)
    const answer = await request(app).post('/things').set('Content-Type', 'text/plain').send('x')
    expectProblem(answer, 401, 'unauthenticated')
    expect(answer.headers['www-authenticate']).toBe('Bearer')
    expectProblem(await request(app).post('/things').set('Authorization', 'Bearer bad'), 401, 'unauthenticated')
  })

  it('then checks the scope', async () => {
    const { app, token } = await testApp([
      ...things,
      route({ ...undescribed, method: 'post', path: '/admins', who: ['admin'], body: Thing, handle: () => noContent }),
    ])
    const authorization = await token('user')
    const answer = await request(app).post('/admins').set('Authorization', authorization).send('not json')
    expectProblem(answer, 403, 'forbidden')
    expectProblem(await request(app).delete('/things/no-id').set('Authorization', authorization), 403, 'forbidden')
  })

  it('then checks the media type, before it reads the body', async () => {
    const { app, token } = await testApp(things)
    const post = request(app)
      .post('/things')
      .set('Authorization', await token())
    expectProblem(await post.set('Content-Type', 'text/plain').send('x'), 415, 'unsupported-media-type')
  })
})

describe('A service that is stopping', () => {
  it('closes the connection with each response, and not before', async () => {
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
  it("explains each code, the service's own too", async () => {
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

  it.each(['never-heard-of', 'constructor', '__proto__'])('returns 404 for %s', async (code) => {
    const { app } = await testApp([])
    expectProblem(await request(app).get(`/problems/${code}`), 404, 'not-found')
  })
})
