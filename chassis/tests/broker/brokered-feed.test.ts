import { BrokeredFeed, type Delivery } from '@tandem/chassis/broker/brokered-feed'
import type { FollowedEvent, ReadFeed, ReadPage } from '@tandem/chassis/following/event-source'
import { settled, VirtualSystem } from '../../testing/virtual-system'

/** A log of events with these ids, and what a broker has delivered of it. */
function brokered(...ids: string[]) {
  const system = new VirtualSystem()
  const log = ids.map((id): FollowedEvent => ({
    specversion: '1.0',
    id,
    type: 'thing.done',
    time: '2026-01-01T00:00:00Z',
    data: {},
  }))
  const asked: ReadFeed[] = []
  const outcomes: [string, boolean][] = []
  const consumer = { isReady: true, opened: 0, closed: 0 }
  let receive: (delivery: Delivery) => void = () => undefined
  let lose: () => void = () => undefined
  const source = new BrokeredFeed({
    feed: {
      read: async (request): Promise<ReadPage | 'unknown-event'> => {
        asked.push(request)
        const next = log.findIndex(({ id }) => id === request.after) + 1
        const events = log.slice(next, next + request.limit)
        return { events, remaining: log.length - next - events.length }
      },
    },
    consume: (receiver, loser) => {
      ;[receive, lose] = [receiver, loser]
      consumer.opened += 1
      return {
        get isReady() {
          return consumer.isReady
        },
        close: async () => {
          consumer.closed += 1
        },
      }
    },
    system,
  })
  /** The broker delivers the events with these ids. */
  const deliver = (...delivered: string[]) => {
    for (const id of delivered) {
      const at = log.findIndex((event) => event.id === id)
      receive({ event: log[at]!, previous: log[at - 1]?.id, settle: (done) => outcomes.push([id, done]) })
    }
  }
  const read = async (after: string | undefined, { limit = 10, waitMs = 0 } = {}) => {
    const page = await source.read({ after, limit, waitMs })
    return page === 'unknown-event' ? page : { ids: page.events.map(({ id }) => id), remaining: page.remaining }
  }
  const add = (id: string) => log.push({ ...log[0]!, id })
  return { source, system, read, deliver, add, asked, outcomes, consumer, lose: () => lose() }
}

describe('The events of another service through a broker', () => {
  it('are read from the feed until the broker delivers', async () => {
    const { read, asked } = brokered('a', 'b')
    expect(await read(undefined)).toEqual({ ids: ['a', 'b'], remaining: 0 })
    expect(asked).toEqual([{ after: undefined, limit: 10, waitMs: 0 }])
  })

  it('are taken from the broker without the feed if each follows the one before it', async () => {
    const { read, deliver, asked } = brokered('a', 'b', 'c')
    await read('c') // opens the consumer
    asked.length = 0
    deliver('b', 'a', 'c') // in any order
    expect(await read(undefined, { limit: 2 })).toEqual({ ids: ['a', 'b'], remaining: 1 })
    expect(await read('b')).toEqual({ ids: ['c'], remaining: 0 })
    expect(asked).toEqual([])
  })

  it('are acknowledged once the position has passed them, and not before', async () => {
    const { read, deliver, outcomes } = brokered('a', 'b', 'c')
    await read('c')
    deliver('a', 'b')
    await read(undefined)
    await read(undefined) // they did not take effect
    expect(outcomes).toEqual([])
    await read('b')
    expect(outcomes).toEqual([
      ['a', true],
      ['b', true],
    ])
  })

  it('are read from the feed if one is missing', async () => {
    const { read, deliver, outcomes, asked } = brokered('a', 'b', 'c')
    await read('c')
    asked.length = 0
    deliver('b', 'c')
    expect(await read(undefined, { waitMs: 5000 })).toEqual({ ids: ['a', 'b', 'c'], remaining: 0 })
    expect(asked).toEqual([{ after: undefined, limit: 10, waitMs: 0 }])
    await read('c')
    expect(outcomes).toEqual([
      ['b', true],
      ['c', true],
    ])
  })

  it('are acknowledged and take no effect if they come again, also long afterwards', async () => {
    const { read, deliver, outcomes } = brokered('a', 'b', 'c')
    await read('c')
    deliver('a', 'a')
    expect(outcomes).toEqual([['a', true]])
    expect(await read('c', { waitMs: 5000 })).toEqual({ ids: [], remaining: 0 })
    await read('c')
    expect(outcomes).toEqual([
      ['a', true],
      ['a', true],
    ])
  })

  it('are not acknowledged by a page of the feed that does not reach them', async () => {
    const { read, deliver, outcomes } = brokered('a', 'b', 'c')
    await read('c')
    deliver('c')
    expect(await read(undefined, { limit: 1 })).toEqual({ ids: ['a'], remaining: 2 })
    await read('a', { limit: 1 })
    expect(outcomes).toEqual([])
    expect(await read('b')).toEqual({ ids: ['c'], remaining: 0 })
  })

  it('are waited for, and then read from the feed: the last message may have been lost', async () => {
    const { read, system, add, asked } = brokered('a')
    await read('a')
    asked.length = 0
    const page = read('a', { waitMs: 5000 })
    await system.pass(4999)
    expect(asked).toEqual([])
    add('b')
    await system.pass(1)
    expect(await page).toEqual({ ids: ['b'], remaining: 0 })
  })

  it('are returned as soon as they are delivered', async () => {
    const { read, deliver, add, asked } = brokered('a')
    await read('a')
    asked.length = 0
    const page = read('a', { waitMs: 5000 })
    add('b')
    deliver('b')
    expect(await page).toEqual({ ids: ['b'], remaining: 0 })
    expect(asked).toEqual([])
  })

  it('are waited for at the feed while the broker cannot deliver', async () => {
    const { read, consumer, asked } = brokered('a')
    consumer.isReady = false
    await read('a', { waitMs: 5000 })
    expect(asked).toEqual([{ after: 'a', limit: 10, waitMs: 5000 }])
  })

  it('come again if the connection was lost', async () => {
    const { read, deliver, lose, outcomes } = brokered('a', 'b')
    await read('b')
    deliver('a')
    lose()
    expect(outcomes).toEqual([['a', false]])
    deliver('a')
    expect(await read(undefined)).toEqual({ ids: ['a'], remaining: 0 })
  })

  it('are left to another process when it closes, until it reads again', async () => {
    const { source, read, deliver, consumer, outcomes, system } = brokered('a', 'b')
    const waiting = read('b', { waitMs: 5000 })
    await settled()
    deliver('b')
    await source.close()
    await waiting
    expect(outcomes).toEqual([['b', false]])
    expect(consumer).toMatchObject({ opened: 1, closed: 1 })
    await system.pass(5000)
    await read('b')
    expect(consumer).toMatchObject({ opened: 2, closed: 1 })
  })
})
