import request from 'supertest'
import { z } from 'zod'
import { noContent, ok } from '@tandem/chassis/http/response'
import { route } from '@tandem/chassis/http/route'
import { testApp } from '../../testing/test-app'
import { errorsAt, expectProblem, things, undescribed, uuid } from '../../testing/thing-routes'

const date = 'Mon, 07 Sep 2026 00:00:00 GMT'
const preconditions = [
  ['If-Match', '"1"'],
  ['If-Match', '*'],
  ['If-None-Match', '*'],
  ['If-Modified-Since', date],
  ['If-Unmodified-Since', date],
] as const

describe('A precondition', () => {
  it.each(preconditions)('%s: %s returns 400 on each route that changes something', async (header, value) => {
    const { app, token } = await testApp(things)
    const refused = errorsAt(`/header/${header.toLowerCase()}`)
    const admin = await token('admin')
    for (const asked of [
      request(app).post('/things').send({ name: 'pen' }),
      request(app).delete('/things/1'),
      request(app).patch('/optional').send({ a: 1 }),
    ])
      expectProblem(await asked.set('Authorization', admin).set(header, value), 400, 'invalid-request', refused)
  })

  it('returns 400 before anything is done, for each one that is not supported', async () => {
    let calls = 0
    const { app } = await testApp([
      route({ ...undescribed, method: 'put', path: '/it', who: 'anyone', handle: () => ((calls += 1), noContent) }),
    ])
    const asked = request(app).put('/it').set('If-Match', '*').set('If-Unmodified-Since', date)
    expectProblem(await asked, 400, 'invalid-request', errorsAt('/header/if-match', '/header/if-unmodified-since'))
    expect(calls).toBe(0)
    await request(app).put('/it').expect(204)
    expect(calls).toBe(1)
  })

  it('reaches a route that declares it, and no undeclared one does', async () => {
    const headers = z.object({ 'if-match': z.string().optional() })
    const { app } = await testApp([
      route({
        ...undescribed,
        method: 'put',
        path: '/it',
        who: 'anyone',
        headers,
        handle: (given) => ok({ tag: given.headers['if-match'] }),
      }),
    ])
    expect((await request(app).put('/it').set('If-Match', '"1"').expect(200)).body).toEqual({ tag: '"1"' })
    expectProblem(
      await request(app).put('/it').set('If-None-Match', '*'),
      400,
      'invalid-request',
      errorsAt('/header/if-none-match'),
    )
  })

  it('is ignored on a route that only reads', async () => {
    const { app } = await testApp(things)
    for (const [header, value] of preconditions)
      await request(app).get(`/things/${uuid}`).set(header, value).expect(200)
  })

  it('is checked after the token, the kind of caller and the media type', async () => {
    const { app, token } = await testApp(things)
    const post = () => request(app).post('/things').set('If-Match', '*')
    expectProblem(await post().send({ name: 'pen' }), 401, 'unauthenticated')
    const user = await token('user')
    const other = request(app).delete('/things/1').set('If-Match', '*').set('Authorization', user)
    expectProblem(await other, 403, 'forbidden')
    const text = post().set('Authorization', user).set('Content-Type', 'text/plain').send('x')
    expectProblem(await text, 415, 'unsupported-media-type')
  })
})

it('Range and If-Range are ignored, as they have no meaning here', async () => {
  const { app } = await testApp(things)
  const ranged = request(app).patch('/optional').set('Range', 'bytes=0-1').set('If-Range', '"1"')
  expect((await ranged.send({ a: 1 }).expect(200)).body).toEqual({ a: 1 })
  const read = request(app).get(`/things/${uuid}`).set('Range', 'bytes=0-1').set('If-Range', '"1"')
  expect((await read.expect(200)).body).toEqual({ id: uuid })
})
