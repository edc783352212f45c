import type { RequestListener } from 'node:http'
import request from 'supertest'
import { Failure } from '@tandem/chassis/failure'
import { ok } from '@tandem/chassis/http/response'
import { route } from '@tandem/chassis/http/route'
import { temporaryDatabase } from '../../testing/temporary-database'
import { temporarySqlite } from '../../testing/temporary-sqlite'
import { testApp } from '../../testing/test-app'
import { insertThing, thingMigrations } from '../../testing/things'
import { expectProblem, undescribed } from '../../testing/thing-routes'

declare module '@tandem/chassis/failure' {
  interface ProblemCodes {
    tea: 'no-tea'
  }
}

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

  it('returns the status of its failure code, with its members and headers', async () => {
    const { app, lines } = await failing(() => {
      throw new Failure('no-tea', { detail: 'Gone.', members: { pot: '1' }, headers: { 'Retry-After': '9' } })
    })
    const answer = await request(app).get('/fail')
    expectProblem(answer, 418, 'no-tea', { title: 'No tea', detail: 'Gone.', pot: '1' })
    expect(answer.headers).toMatchObject({ 'x-tea': 'no', 'retry-after': '9' })
    expect(lines.map(({ msg }) => msg)).toEqual(['request'])
  })

  it('returns 500 without details for any other error, and logs it with the request id', async () => {
    const { app, lines } = await failing(() => {
      throw new Error('SELECT secret FROM /var/lib')
    })
    const answer = await request(app).get('/fail').set('X-Request-Id', 'wanted')
    expectProblem(answer, 500, 'internal', { requestId: 'wanted' })
    expect(answer.text).not.toMatch(/SELECT|\/var|at /)
    const failed = lines.find(({ msg }) => msg === 'request failed')
    expect(failed).toMatchObject({ level: 50, requestId: 'wanted', err: { message: 'SELECT secret FROM /var/lib' } })
  })

  it('with a failure that cannot be sent has its connection cut, and no page of Express', async () => {
    const { app, lines } = await failing(() => {
      throw new Failure('no-tea', { headers: { 'X-Tea': 'two\nlines' } })
    })
    await expect(request(app).get('/fail')).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(lines.find(({ msg }) => msg === 'response cut off')).toMatchObject({
      level: 50,
      err: { code: 'ERR_INVALID_CHAR' },
    })
  })

  it('after its response has begun has its connection cut', async () => {
    const { app, lines } = await failing(() => {
      throw new Failure('no-tea')
    })
    const begun: RequestListener = (req, res) => {
      res.flushHeaders()
      app(req, res)
    }
    await expect(request(begun).get('/fail')).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(lines.some(({ msg }) => msg === 'response cut off')).toBe(true)
  })

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'text'],
    ['an unknown type', { type: 'toString' }],
    ['a status of its own', { status: 418 }],
  ])('returns 500 if it throws %s', async (_what, thrown) => {
    const { promise, reject } = Promise.withResolvers()
    reject(thrown)
    const { app } = await failing(() => promise)
    expectProblem(await request(app).get('/fail'), 500, 'internal')
  })

  it('returns a 500 problem for an unknown failure code', async () => {
    const { app, lines } = await failing(() => {
      // @ts-expect-error -- a code that no table has does not compile
      throw new Failure('never-heard-of')
    })
    expectProblem(await request(app).get('/fail'), 500, 'internal')
    expect(lines.some(({ msg }) => msg === 'request failed')).toBe(true)
  })

  it('returns 503 with Retry-After if the disk is full', async () => {
    const database = await temporarySqlite(thingMigrations) // that of PostgreSQL is on another machine
    await database.write((tx) => tx.get('PRAGMA max_page_count = 1'))
    const { app, lines } = await failing(() => database.write((tx) => insertThing(tx, 'x'.repeat(100_000))))
    const answer = await request(app).get('/fail')
    expectProblem(answer, 503, 'unavailable')
    expect(answer.headers['retry-after']).toBe('1')
    expect(lines.find(({ msg }) => msg === 'request failed')).toMatchObject({ level: 50 }) // somebody must make room
  })

  it('returns 500 for an error in its SQL', async () => {
    const database = await temporaryDatabase(thingMigrations)
    const { app } = await failing(() => database.read.get('SELECT nonsense'))
    expectProblem(await request(app).get('/fail'), 500, 'internal')
  })

  it('returns 500 if its result cannot be written as JSON', async () => {
    const { app } = await failing(() => ({ big: 1n }))
    expectProblem(await request(app).get('/fail'), 500, 'internal')
  })
})
