import type { ReadFeed } from '@tandem/chassis/following/event-source'
import { FeedClient, FeedUnreadable } from '@tandem/chassis/following/feed-client'
import { realSystem } from '@tandem/chassis/system'
import { ScriptedTransport } from '../../testing/scripted-transport'
import { settled } from '../../testing/virtual-system'

const id = '0190f3c4-7b1a-7c3e-8d2f-0123456789ab'
const event = {
  specversion: '1.0',
  id,
  source: '/things',
  type: 'thing.done',
  subject: 'a',
  time: '2026-01-01T00:00:00.000Z',
  datacontenttype: 'application/json',
  data: { name: 'a' },
}
const read = { id, type: 'thing.done', time: '2026-01-01T00:00:00.000Z', data: { name: 'a' }, specversion: '1.0' }

function client() {
  const transport = new ScriptedTransport()
  const feed = new FeedClient(transport, { token: async () => 'the-token' }, { newId: () => 'made-here' })
  return { feed, transport }
}

interface Answered {
  status?: number
  body?: unknown
  headers?: Record<string, string>
}

/** What is made of an answer: a page, or what is wrong with it. */
async function taken({ status = 200, body, headers = {} }: Answered): Promise<unknown> {
  const { feed, transport } = client()
  const reading = feed.read({ after: id, limit: 10, waitMs: 0 }).catch((error: unknown) => error)
  await settled()
  transport.last.answer(status, body, headers)
  const outcome = await reading
  return outcome instanceof FeedUnreadable ? { unreadable: outcome.message, faulty: outcome.faulty } : outcome
}

describe('Reading a feed', () => {
  it.each<[string, ReadFeed, string, number, string]>([
    [
      'asks from its start',
      { after: undefined, limit: 200, waitMs: 5000 },
      '/events?limit=200&timeout=5000',
      6500,
      'made-here',
    ],
    [
      'asks for what comes after an event, as a part of a request',
      { after: id, limit: 1, waitMs: 0, requestId: 'given' },
      `/events?limit=1&timeout=0&lastEventId=${id}`,
      1500,
      'given',
    ],
  ])('%s', async (_what, given, path, timeoutMs, requestId) => {
    const { feed, transport } = client()
    const reading = feed.read(given)
    await settled()
    expect(transport.sent).toHaveLength(1)
    expect(transport.last.request).toEqual({
      method: 'GET',
      path,
      headers: { authorization: 'Bearer the-token', 'x-request-id': requestId },
    })
    expect(transport.last.timeoutMs).toBe(timeoutMs)
    transport.last.answer(200, [])
    expect(await reading).toEqual({ events: [], remaining: undefined })
  })

  it('returns the members that we read, and how many events remain', async () => {
    const upper = { ...event, id: id.toUpperCase(), time: '2026-01-01T01:00:00+01:00', more: 1 }
    const page = await taken({ body: [event, upper], headers: { 'remaining-events': '7' } })
    expect(page).toEqual({ events: [read, { ...read, time: '2026-01-01T01:00:00+01:00' }], remaining: 7 })
  })

  it.each(['', '-1', '1.5', 'many', '9'.repeat(16)])('returns no count of remaining events for %p', async (given) => {
    expect(await taken({ body: [], headers: { 'remaining-events': given } })).toEqual({
      events: [],
      remaining: undefined,
    })
  })

  it.each<[string, unknown, string]>([
    ['no JSON', '<html>', 'at /: Invalid input: expected array, received undefined'],
    ['nothing', '', 'at /: Invalid input: expected array, received undefined'],
    ['a cut page', JSON.stringify([event]).slice(0, -1), 'at /: Invalid input: expected array, received undefined'],
    ['no array', { events: [event] }, 'at /: Invalid input: expected array, received object'],
    ['something that is no event', [event, null], 'at /1: Invalid input: expected object, received null'],
    ['an event without id', [{ ...event, id: undefined }], 'at /0/id: Invalid input: expected string'],
    ['an id that is no UUID', [{ ...event, id: '17' }], 'at /0/id: Invalid GUID'],
    ['another version', [event, { ...event, specversion: '0.3' }], 'at /1/specversion: Invalid input: expected "1.0"'],
    ['a type that is no text', [{ ...event, type: 1 }], 'at /0/type: Invalid input: expected string, received number'],
    ['no time', [{ ...event, time: 'today' }], 'at /0/time: Invalid ISO datetime'],
  ])('refuses a page with %s, and says what is wrong', async (_what, body, fault) => {
    expect(await taken({ body })).toEqual({
      unreadable: expect.stringContaining(`not a page of events ${fault}`),
      faulty: true,
    })
  })

  it('checks the length first, as half a megabyte of nonsense has gigabytes of faults', async () => {
    const nonsense = JSON.stringify(Array(125_000).fill({}))
    expect(await taken({ body: nonsense })).toMatchObject({ unreadable: expect.stringContaining('<=1000 items') })
  })

  it.each([
    [301, true],
    [401, true],
    [403, true],
    [404, true],
    [500, false],
    [503, false],
  ])('refuses a page with the status %p', async (status, faulty) => {
    expect(await taken({ status, body: [event] })).toEqual({ unreadable: `status ${status}`, faulty })
  })

  it('fails as the transport does if there is no response', async () => {
    const { feed, transport } = client()
    const reading = feed.read({ after: id, limit: 10, waitMs: 0 })
    await settled()
    transport.last.fail('ECONNREFUSED')
    await expect(reading).rejects.toMatchObject({ name: 'FeedUnreadable', message: 'ECONNREFUSED', faulty: false })
  })

  it('sends nothing if it has no token', async () => {
    const transport = new ScriptedTransport()
    const noToken = { token: () => Promise.reject(new Error('no key')) }
    const reading = new FeedClient(transport, noToken, realSystem).read({ after: id, limit: 10, waitMs: 0 })
    await expect(reading).rejects.toThrow('no key')
    expect(transport.sent).toEqual([])
  })
})

describe('A 400', () => {
  const naming = (...pointers: string[]) => ({ errors: pointers.map((pointer) => ({ pointer, detail: 'wrong' })) })

  it.each([
    ['/query/lastEventId alone', naming('/query/lastEventId')],
    ['/query/lastEventId among others', naming('/query/limit', '/query/lastEventId')],
  ])('that names %s means an unknown event', async (_what, body) => {
    expect(await taken({ status: 400, body })).toBe('unknown-event')
  })

  it.each([
    ['names something else', naming('/query/limit')],
    ['names nothing', {}],
    ['is no problem', 'lastEventId'],
    ['has no list of errors', { errors: '/query/lastEventId' }],
  ])('that %s does not mean an unknown event', async (_what, body) => {
    expect(await taken({ status: 400, body })).toEqual({ unreadable: 'status 400', faulty: true })
  })

  it('does not mean an unknown event if the request named none', async () => {
    const body = naming('/query/lastEventId')
    const { feed, transport } = client()
    const reading = feed.read({ after: undefined, limit: 10, waitMs: 0 })
    await settled()
    transport.last.answer(400, body)
    await expect(reading).rejects.toThrow('status 400')
  })

  it.each([401, 404, 500])('differs from %p with the same body', async (status) => {
    const body = naming('/query/lastEventId')
    expect(await taken({ status, body })).toMatchObject({ unreadable: `status ${status}` })
  })
})
