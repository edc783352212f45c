import type { IncomingResponse } from '@tandem/chassis/upstream/transport'
import { pageOf } from '../../testing/test-feed'
import { following } from '../../testing/test-follower'
import { settled } from '../../testing/virtual-system'

/** How long it was from each question to the next one. */
const pausesIn = (asked: { at: number }[]) => asked.slice(1).map(({ at }, i) => at - (asked[i]?.at ?? 0))

describe('A follower while the upstream is down', () => {
  it('retries after pauses from 250 ms to 5 s, and logs each reason once', async () => {
    const { feed, follower, system, lines } = await following()
    feed.down = 'ECONNREFUSED'
    follower.start()
    await system.pass(20_000)
    const middle = 0.875 // of the jitter
    expect(pausesIn(feed.asked).slice(0, 7)).toEqual(
      [250, 500, 1000, 2000, 4000, 5000, 5000].map((pause) => pause * middle),
    )
    feed.down = 'ENOTFOUND'
    await system.pass(20_000)
    feed.down = undefined
    feed.instead = () => ({ status: 503 })
    await system.pass(20_000)
    const told = lines.map(({ level, msg, reason, feed: of }) => ({ level, msg, reason, of }))
    const expected = [
      [30, 'ECONNREFUSED'], // for the first seconds
      [40, 'ECONNREFUSED'],
      [40, 'ENOTFOUND'],
      [40, 'status 503'],
    ]
    expect(told).toEqual(
      expected.map(([level, reason]) => ({ level, msg: 'feed cannot be read', reason, of: 'things' })),
    )
  })

  it('logs at info during the first ten seconds, unless the upstream was reached before', async () => {
    const { feed, follower, system, lines } = await following()
    const levels = () => lines.map(({ level, msg }) => [msg, level])
    feed.down = 'ECONNREFUSED'
    follower.start()
    await system.pass(3000)
    expect(levels()).toEqual([['feed cannot be read', 30]])
    feed.down = undefined
    await system.pass(2000)
    feed.down = 'ECONNREFUSED'
    await system.pass(4900) // the poll that was under way ends
    expect(system.monotonic()).toBeLessThan(10_000)
    expect(levels()).toEqual([
      ['feed cannot be read', 30],
      ['feed is readable again', 30],
      ['feed cannot be read', 40],
    ])
  })

  it.each([
    [0, 0.75],
    [1, 1],
  ])('adds jitter to the pauses, here %p', async (chance, part) => {
    const { feed, follower, system } = await following()
    system.random = () => chance
    feed.down = 'ECONNREFUSED'
    follower.start()
    await system.pass(2000)
    expect(pausesIn(feed.asked)).toEqual([250, 500, 1000].slice(0, feed.asked.length - 1).map((pause) => pause * part))
  })

  it('resumes once the upstream is back, logs that, and has short pauses again', async () => {
    const { feed, follower, system, stored, messages } = await following()
    feed.down = 'ECONNREFUSED'
    follower.start()
    await system.pass(20_000)
    await feed.happen('a')
    feed.down = undefined
    await system.pass(5000)
    expect((await stored()).effects).toEqual(['a'])
    const told = ['feed cannot be read', 'feed cannot be read', 'feed is readable again'] // at first as not there yet
    expect(messages()).toEqual(told)
    const before = feed.asked.length
    feed.down = 'ECONNREFUSED'
    await system.pass(5000) // the poll that was under way ends
    await system.pass(5000)
    expect(pausesIn(feed.asked.slice(before)).slice(0, 2)).toEqual([218.75, 437.5])
    expect(messages()).toEqual([...told, 'feed cannot be read'])
  })

  it('logs each outage, even for the same reason', async () => {
    const { feed, follower, system, messages } = await following()
    for (const down of ['ECONNREFUSED', undefined, 'ECONNREFUSED', undefined]) {
      feed.down = down
      if (system.monotonic() === 0) follower.start()
      await system.pass(6000)
    }
    const each = ['feed cannot be read', 'feed is readable again']
    expect(messages()).toEqual([...each, ...each])
  })
})

describe('An invalid response of the feed', () => {
  const naming = JSON.stringify({ errors: [{ pointer: '/query/lastEventId' }] })

  it.each<[string, number, (good: unknown[]) => Partial<IncomingResponse>]>([
    ['status 401', 50, () => ({ status: 401 })],
    ['status 404', 50, (good) => ({ status: 404, ...pageOf(...good) })],
    ['status 500', 40, () => ({ status: 500 })],
    ['status 400', 50, () => ({ status: 400, body: naming })], // no event was named
    ['not a page of events at /: ', 50, () => ({ body: 'x'.repeat(500_000) })],
    ['not a page of events at /1/id: ', 50, ([good]) => pageOf(good, { ...(good as object), id: 17 })],
  ])('has no effect, is logged as %j, and a valid one is applied afterwards', async (reason, level, bad) => {
    const { feed, follower, system, stored, lines } = await following()
    await feed.happen('a')
    const answer = bad(await feed.events())
    feed.instead = () => answer
    follower.start()
    await system.pass(10_000)
    expect(await stored()).toEqual({ effects: [], position: undefined, seen: 0, parked: [] })
    expect(lines).toEqual([expect.objectContaining({ level, reason: expect.stringContaining(reason) })])
    expect(JSON.stringify(lines).length).toBeLessThan(1000)
    expect(pausesIn(feed.asked).slice(0, 4)).toEqual([218.75, 437.5, 875, 1750])
    feed.instead = () => undefined
    await system.pass(5000)
    expect((await stored()).effects).toEqual(['a'])
  })
})

describe('A feed that does not long-poll', () => {
  it('is polled after pauses if it is empty, or always returns the same', async () => {
    const { feed, follower, system, stored, messages } = await following()
    feed.instead = () => pageOf()
    follower.start()
    await system.pass(1000)
    expect(pausesIn(feed.asked)).toEqual([0, 218.75, 218.75, 218.75, 218.75]) // the first was not to wait
    await feed.happen('a', 'b')
    const same = pageOf(...(await feed.events()))
    feed.instead = () => same
    feed.asked.length = 0
    await system.pass(1000)
    expect(feed.asked.length).toBeLessThanOrEqual(6)
    expect((await stored()).effects).toEqual(['a', 'b'])
    expect(messages()).toEqual([])
  })

  it('is polled again at once after a long poll', async () => {
    const { feed, follower, system } = await following()
    follower.start()
    await system.pass(15_000)
    expect(feed.asked.map(({ at }) => at)).toEqual([0, 0, 5000, 10_000, 15_000])
  })

  it('is polled after pauses if it does not know an event that it has published', async () => {
    const { feed, follower, system, stored } = await following()
    await feed.happen('a')
    feed.instead = (after) =>
      after === null
        ? undefined
        : { status: 400, body: JSON.stringify({ errors: [{ pointer: '/query/lastEventId' }] }) }
    follower.start()
    await system.pass(1000)
    expect(feed.asked.length).toBeLessThanOrEqual(10)
    feed.instead = () => undefined
    await system.pass(1000)
    expect((await stored()).effects).toEqual(['a'])
  })
})

describe('A follower that stops', () => {
  it('ends at once even if the feed has not responded, and applies nothing more', async () => {
    const { feed, follower, system, stored } = await following()
    let answer: (text: { body: string }) => void = () => undefined
    await feed.happen('a')
    const late = pageOf(...(await feed.events()))
    feed.instead = () => new Promise((resolve) => (answer = resolve))
    follower.start()
    await settled()
    await follower.stop()
    answer(late)
    await system.pass(60_000)
    expect(await stored()).toMatchObject({ effects: [], position: undefined })
    expect(feed.asked).toHaveLength(1)
  })

  it('logs nothing about responses that it aborted', async () => {
    const { feed, follower, messages } = await following()
    follower.start()
    await settled()
    feed.close()
    await follower.stop()
    expect(messages()).toEqual([])
  })

  it('does not wait for a pause', async () => {
    const { feed, follower, system } = await following()
    feed.down = 'ECONNREFUSED'
    follower.start()
    await system.pass(10_000)
    const { length } = feed.asked
    await follower.stop()
    expect(system.timers).toBe(0)
    await system.pass(60_000)
    expect(feed.asked).toHaveLength(length)
  })
})
