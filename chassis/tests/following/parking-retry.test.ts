import request from 'supertest'
import { followerProblemTypes, followerRoutes } from '@tandem/chassis/following/follower-routes'
import { Failure } from '@tandem/chassis/failure'
import { realSystem } from '@tandem/chassis/system'
import { conforming } from '../../testing/conforming'
import { testApp } from '../../testing/test-app'
import { beLocked, following } from '../../testing/test-follower'
import { pageOf } from '../../testing/test-feed'
import { errorsAt, expectProblem } from '../../testing/thing-routes'
import { settled } from '../../testing/virtual-system'

/** A follower that has parked the events of these names; its handler is well again. */
async function parkedThings(...names: string[]) {
  const things = await following()
  const { feed, follower, system, faults, database } = things
  const ids = await feed.happen(...names)
  for (const name of names) faults.set(name, new Error(`cannot take ${name}`))
  follower.start()
  await system.pass(1000 * names.length)
  await follower.stop()
  faults.clear()
  things.tried.length = feed.asked.length = feed.requestIds.length = things.lines.length = 0
  const routes = followerRoutes({ follower, read: database.read })
  const { app, token } = await testApp(routes, { problemTypes: followerProblemTypes })
  const conformingApp = await conforming('parked-things', app)
  const bearer = await token('admin')
  const retry = (id = ids[0]) => request(conformingApp).post(`/parked-events/${id}/retry`).set('Authorization', bearer)
  const list = (query = '') => request(conformingApp).get(`/parked-events${query}`).set('Authorization', bearer)
  const errors = async () => ((await list()).body as { error: string }[]).map(({ error }) => error)
  return { ...things, ids, app: conformingApp, token, list, retry, errors }
}

describe('GET /parked-events', () => {
  it('lists parked events, newest first, with the error', async () => {
    const { list, ids } = await parkedThings('a', 'b')
    const { status, body, headers } = await list()
    expect([status, headers.link]).toEqual([200, undefined])
    expect(body).toEqual([
      { id: ids[1], feed: 'things', error: 'cannot take b', parkedAt: '2026-01-01T00:00:01.500Z' },
      { id: ids[0], feed: 'things', error: 'cannot take a', parkedAt: '2026-01-01T00:00:00.750Z' },
    ])
  })

  it('lists a page at a time, with a link to the next one', async () => {
    const { list, ids } = await parkedThings('a', 'b', 'c')
    const first = await list('?limit=2')
    expect(first.body).toMatchObject([{ id: ids[2] }, { id: ids[1] }])
    expect(first.headers.link).toBe(`</parked-events?limit=2&after=${ids[1]}>; rel="next"`)
    const second = await list(`?limit=2&after=${ids[1]?.toUpperCase()}`)
    expect(second.body).toMatchObject([{ id: ids[0] }])
    expect(second.headers.link).toBeUndefined()
    expectProblem(await list('?after=b'), 400, 'invalid-request', errorsAt('/query/after'))
  })

  it('is empty if nothing is parked, and returns 403 unless the caller is an administrator', async () => {
    const { app, list, retry, ids, token, stored } = await parkedThings()
    expect((await list()).body).toEqual([])
    expectProblem(await request(app).get('/parked-events'), 401, 'unauthenticated')
    expectProblem(await list().set('Authorization', await token('user')), 403, 'forbidden')
    expectProblem(await retry(realSystem.newId()).set('Authorization', await token('user')), 403, 'forbidden')
    expect([ids, (await stored()).parked]).toEqual([[], []])
  })
})

describe('POST /parked-events/:id/retry', () => {
  it('applies the event, read from the feed again, and removes it from the parked events', async () => {
    const { retry, feed, ids, stored, committed, lines } = await parkedThings('a', 'b')
    const answer = await retry(ids[1]).set('X-Request-Id', 'from-the-caller')
    expect([answer.status, answer.text]).toEqual([204, ''])
    expect(await stored()).toEqual({ effects: ['b'], position: ids[1], seen: 2, parked: [ids[0]] })
    expect(committed).toEqual(['b'])
    expect(feed.asked).toMatchObject([{ after: ids[0] }])
    expect(feed.requestIds).toEqual(['from-the-caller'])
    const line = { level: 30, requestId: 'from-the-caller', feed: 'things', eventId: ids[1] }
    expect(lines).toEqual([expect.objectContaining({ ...line, msg: 'parked event handled' })])

    expect((await retry(ids[0])).status).toBe(204) // the first of the feed
    expect(feed.asked[1]?.after).toBeNull()
    expectProblem(await retry(ids[0]), 404, 'not-found')
    expect(await stored()).toMatchObject({ effects: ['b', 'a'], parked: [] })
  })

  it('applies the event once for two concurrent requests', async () => {
    const { follower, ids, stored, tried } = await parkedThings('a')
    const retries = await Promise.allSettled([follower.retry(ids[0]!, 'one'), follower.retry(ids[0]!, 'other')])
    // The one that comes too late either finds the event parked still, or not any more.
    const late = { status: 'rejected', reason: new Failure('not-found') }
    const success = { status: 'fulfilled', value: undefined }
    expect(retries).toContainEqual(success)
    for (const it of retries) expect([success, late]).toContainEqual(it)
    expect(await stored()).toEqual({ effects: ['a'], position: ids[0], seen: 1, parked: [] })
    expect(tried).toEqual(['a'])
  })

  it('applies the event once if the follower starts over meanwhile', async () => {
    const { feed, follower, ids, stored, tried } = await parkedThings('a')
    const late = pageOf(...(await feed.events()))
    let answer: (page: { body: string }) => void = () => undefined
    feed.instead = () => new Promise((resolve) => (answer = resolve))
    const retried = follower.retry(ids[0]!, 'one')
    await settled()
    await follower.startOver()
    answer(late)
    await retried
    expect(await stored()).toEqual({ effects: [], position: undefined, seen: 0, parked: [] })
    expect(tried).toEqual([])
  })

  it('returns 409 if the event still cannot be handled, and stores the new error without showing it', async () => {
    const { retry, ids, stored, errors, faults } = await parkedThings('a')
    faults.set('a', new Error('another secret'))
    const answer = await retry()
    expectProblem(answer, 409, 'event-not-handled')
    expect(answer.text).not.toContain('secret')
    expect(await errors()).toEqual(['another secret'])
    expect(await stored()).toEqual({ effects: [], position: ids[0], seen: 1, parked: ids })
    faults.clear()
    expect((await retry()).status).toBe(204)
    expect((await stored()).effects).toEqual(['a'])
  })

  it('returns 404 for an event that is not parked, and 400 for a malformed id', async () => {
    const { retry, feed } = await parkedThings('a')
    expectProblem(await retry(realSystem.newId()), 404, 'not-found')
    expectProblem(await retry('a'), 400, 'invalid-request', errorsAt('/path/id'))
    expect(feed.asked).toEqual([])
  })

  it.each([
    ['is down', undefined],
    ['answers 500', { status: 500, body: 'a secret' }],
    ['has nothing to say that parses', { body: 'a secret' }],
  ])('returns 503 while the feed %s, and leaves the event parked', async (_what, said) => {
    const { retry, feed, ids, stored, errors } = await parkedThings('a')
    if (said) feed.instead = () => said
    else feed.down = 'ECONNREFUSED'
    const answer = await retry()
    expectProblem(answer, 503, 'unavailable')
    expect(answer.headers['retry-after']).toBe('1')
    expect(answer.body).toEqual({ ...answer.body, detail: 'The feed cannot be read now. Try again later.' })
    expect(answer.text).not.toMatch(/secret|ECONN/)
    expect(await stored()).toMatchObject({ effects: [], parked: ids })
    expect(await errors()).toEqual(['cannot take a'])
  })

  it('returns 503 while the database is unusable, and leaves the event parked unchanged', async () => {
    const { retry, ids, stored, stepIn, errors } = await parkedThings('a')
    stepIn.beforeCommit = () => {
      stepIn.beforeCommit = () => undefined
      beLocked()
    }
    expectProblem(await retry(), 503, 'unavailable')
    expect(await stored()).toMatchObject({ effects: [], parked: ids })
    expect(await errors()).toEqual(['cannot take a'])
  })

  it('returns 409 if the feed no longer has the event', async () => {
    const { retry, feed, ids, stored } = await parkedThings('a', 'b')
    await feed.loseEverything()
    const gone = { detail: 'The feed no longer has this event.' }
    expectProblem(await retry(ids[0]), 409, 'event-not-handled', gone) // an empty page
    expectProblem(await retry(ids[1]), 409, 'event-not-handled', gone) // the one before is not known
    await feed.happen('c')
    expectProblem(await retry(ids[0]), 409, 'event-not-handled', gone) // another event
    expect(await stored()).toMatchObject({ effects: [], parked: ids })
  })
})
