import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { schemaIn } from '../../testing/conforming'
import request from 'supertest'
import { z } from 'zod'
import { feedRoute } from '@tandem/chassis/events/feed-route'
import { conforming } from '../../testing/conforming'
import { connectedReader, feedOfThings } from '../../testing/feed-of-things'
import { temporaryServer } from '../../testing/server'
import { eventually } from '../../testing/temporary'
import { testApp } from '../../testing/test-app'
import { errorsAt, expectProblem, uuid } from '../../testing/thing-routes'
import { settled } from '../../testing/virtual-system'

/** The feed at GET /events of an app, whose answers are held against its OpenAPI document. */
async function servedFeed({ maxInFlight = 2000 } = {}) {
  const feedAndMore = await feedOfThings()
  const types = { 'thing.done': z.strictObject({ name: z.string() }), 'thing.gone': z.strictObject({ id: z.uuid() }) }
  const {
    app: plainApp,
    token,
    lines,
  } = await testApp([feedRoute({ feed: feedAndMore.feed, types, who: ['admin'] })], {
    maxInFlight,
  })
  const app = await conforming('feed-of-things', plainApp)
  const authorization = await token('admin')
  const get = (query: Record<string, string | number> | string = {}) =>
    request(app).get('/events').query(query).set('Authorization', authorization)
  return { ...feedAndMore, app, plainApp, authorization, token, lines, get }
}

/** Asks at once, and not only when the answer is awaited. */
const sent = (asked: request.Test) => asked.then((answer) => answer)
const subjects = ({ body }: request.Response) => (body as { subject: string }[]).map(({ subject }) => subject)
/** Holds up each reading of events until all are let go on. */
function holdReadings(stepIn: { afterReading: () => unknown }) {
  const held: (() => void)[] = []
  stepIn.afterReading = () => new Promise<void>((resolve) => held.push(resolve))
  const letGo = () => {
    stepIn.afterReading = () => undefined
    for (const go of held) go()
  }
  return { held, letGo }
}

const idOf = ({ body }: request.Response, i: number) => (body as { id: string }[])[i]?.id ?? ''

describe('GET /events', () => {
  it('returns a batch of CloudEvents, oldest first', async () => {
    const { get, happen } = await servedFeed()
    await happen('a "quoted" ä', 'b')
    const answer = await get().expect(200)
    const event = (name: string) => ({
      specversion: '1.0',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      source: '/things',
      type: 'thing.done',
      subject: name,
      time: '2026-01-01T00:00:00.000Z',
      datacontenttype: 'application/json',
      data: { name },
    })
    expect(answer.body).toEqual([event('a "quoted" ä'), event('b')])
    expect(answer.headers).toMatchObject({
      'content-type': 'application/cloudevents-batch+json',
      'content-length': String(Buffer.byteLength(answer.text)),
      'remaining-events': '0',
    })
  })

  it('returns the page after the last event id, and an empty page at the end', async () => {
    const { get, happen } = await servedFeed()
    await happen('a', 'b', 'c')
    const first = await get({ limit: 2 })
    const second = await get({ limit: 2, lastEventId: idOf(first, 1).toUpperCase() })
    const third = await get({ limit: 2, lastEventId: idOf(second, 0), timeout: '' })
    expect([first, second, third].map(subjects)).toEqual([['a', 'b'], ['c'], []])
    expect([first, second, third].map(({ headers }) => headers['remaining-events'])).toEqual(['1', '0', '0'])
  })

  it('returns 100 events by default, and at most 1000', async () => {
    const { get, happen } = await servedFeed()
    await happen(...Array.from({ length: 1001 }, (_, i) => String(i)))
    const [some, many] = [await get(), await get({ limit: 1000 })]
    expect([some, many].map((it) => subjects(it).length)).toEqual([100, 1000])
    expect([some, many].map(({ headers }) => headers['remaining-events'])).toEqual(['901', '1'])
  })

  it.each([
    ['limit=0', '/query/limit'],
    ['limit=1001', '/query/limit'],
    ['limit=1.5', '/query/limit'],
    ['limit=many', '/query/limit'],
    ['limit=1&limit=2', '/query/limit'],
    ['timeout=-1', '/query/timeout'],
    ['timeout=30001', '/query/timeout'],
    ['lastEventId=1', '/query/lastEventId'],
    [`lastEventId=${uuid}`, '/query/lastEventId'],
    ['after=1', '/query/after'],
  ])('returns 400 for ?%s', async (query, pointer) => {
    const { feed, get, happen } = await servedFeed()
    await happen('a')
    expectProblem(await get(query), 400, 'invalid-request', errorsAt(pointer))
    expect(feed.pagesMade).toBe(0)
  })

  it('is logged at debug if there is nothing to read, and at info if there is', async () => {
    const { get, happen, lines } = await servedFeed()
    await get()
    await happen('a')
    await get()
    await eventually(() => lines.length === 2)
    expect(lines.map(({ msg, route, level }) => [msg, route, level])).toEqual([
      ['request', '/events', 20],
      ['request', '/events', 30],
    ])
  })

  it('is for those who may read it', async () => {
    const { app, feed, token } = await servedFeed()
    expectProblem(await request(app).get('/events?limit=0'), 401, 'unauthenticated')
    const user = request(app).get('/events?limit=0')
    expectProblem(await user.set('Authorization', await token('user')), 403, 'forbidden')
    expect(feed.pagesMade).toBe(0)
  })

  it('is in the OpenAPI document with its query bounds and the data schema of each type', async () => {
    const { plainApp } = await servedFeed()
    const { body } = await request(plainApp).get('/openapi.json')
    const { parameters, responses } = body.paths['/events'].get
    const named = (name: string) => parameters.find((it: { name: string }) => it.name === name)
    expect(named('limit').schema).toMatchObject({ type: 'integer', minimum: 1, maximum: 1000, default: 100 })
    expect(named('timeout').schema).toMatchObject({ type: 'integer', minimum: 0, maximum: 30_000, default: 0 })
    expect(named('lastEventId')).toMatchObject({ required: false, schema: { type: 'string', format: 'uuid' } })
    const { schema } = responses['200'].content['application/cloudevents-batch+json']
    const described = schema.items.anyOf.map((it: object) => schemaIn(body, it).properties)
    const events = described.map(({ type, source, data }: Record<string, object>) => [
      type,
      source,
      schemaIn(body, data ?? {}),
    ])
    expect(events).toEqual([
      [
        { type: 'string', const: 'thing.done' },
        { type: 'string', const: '/things' },
        expect.objectContaining({ required: ['name'] }),
      ],
      [
        { type: 'string', const: 'thing.gone' },
        { type: 'string', const: '/things' },
        expect.objectContaining({ required: ['id'] }),
      ],
    ])
  })
})

describe('GET /events with a timeout', () => {
  it('returns as soon as an event is written', async () => {
    const { feed, get, happen } = await servedFeed()
    await happen('a')
    const lastEventId = idOf(await get(), 0)
    const answer = sent(get({ lastEventId, timeout: 30_000 }))
    await eventually(() => feed.waiting === 1)
    await happen('b')
    expect(subjects(await answer)).toEqual(['b'])
    expect(feed.waiting).toBe(0)
  })

  it('returns an empty page when the time is over, or when the feed ends', async () => {
    const { feed, system, get } = await servedFeed()
    const [short, long] = [sent(get({ timeout: 1 })), sent(get({ timeout: 30_000 }))]
    await eventually(() => feed.waiting === 2)
    await system.pass(1)
    const over = await short
    expect([over.status, over.text, feed.waiting]).toEqual([200, '[]', 1])
    feed.end()
    const ended = await long
    expect([ended.status, ended.text, ended.headers['remaining-events']]).toEqual([200, '[]', '0'])
    expect((await get({ timeout: 30_000 })).text).toBe('[]')
  })

  it('is forgotten when its caller disconnects, whether it waits already or not', async () => {
    const { app, feed, stepIn, authorization } = await servedFeed()
    const { url, server } = await temporaryServer(app)
    const ask = async (limit: number) => {
      const caller = new AbortController()
      const arrived = once(server, 'request') as Promise<[unknown, ServerResponse]>
      const asked = fetch(`${url}/events?timeout=30000&limit=${limit}`, {
        headers: { authorization },
        signal: caller.signal,
      })
      const answer = asked.catch(() => 'none')
      const [, res] = await arrived
      const go = async () => {
        const closed = once(res, 'close')
        caller.abort()
        await closed
        expect(await answer).toBe('none')
      }
      return { go }
    }
    const waiting = await ask(100)
    await eventually(() => feed.waiting === 1)
    await waiting.go()
    expect(feed.waiting).toBe(0)

    const { held, letGo } = holdReadings(stepIn)
    const reading = await ask(1)
    await eventually(() => held.length === 1)
    await reading.go()
    letGo()
    await settled()
    expect(feed.waiting).toBe(0)
  })

  it('holds no slot while it waits', async () => {
    const { feed, stepIn, get, happen } = await servedFeed({ maxInFlight: 1 })
    const { held, letGo } = holdReadings(stepIn)
    const first = sent(get({ timeout: 30_000 }))
    await eventually(() => held.length === 1)
    expectProblem(await get(), 503, 'overloaded')
    letGo()
    await eventually(() => feed.waiting === 1)
    const second = sent(get({ timeout: 30_000 }))
    await eventually(() => feed.waiting === 2)
    await get().expect(200)
    await happen('a')
    expect([await first, await second].map(subjects)).toEqual([['a'], ['a']])

    const again = holdReadings(stepIn)
    const third = sent(get({ limit: 1 }))
    await eventually(() => again.held.length === 1)
    expectProblem(await get({ limit: 1 }), 503, 'overloaded') // nobody was taken off twice
    again.letGo()
    expect(subjects(await third)).toEqual(['a'])
  })

  it('returns 503 if 1000 readers wait already', async () => {
    const { feed, get } = await servedFeed()
    for (let i = 0; i < 1000; i++) void feed.read({ after: 0, limit: 100 }, 30_000, connectedReader())
    await eventually(() => feed.waiting === 1000)
    const refused = await get({ timeout: 1 })
    expectProblem(refused, 503, 'overloaded')
    expect(refused.headers['retry-after']).toBe('1')
    await get().expect(200)
  })
})
