import { Registry } from 'prom-client'
import type { EventFeed } from '@tandem/chassis/events/event-feed'
import { feedMetrics } from '@tandem/chassis/events/feed-metrics'
import { connectedReader, feedOfThings, subjectsIn } from '../../testing/feed-of-things'
import { insertThing } from '../../testing/things'
import { settled } from '../../testing/virtual-system'

const all = { after: 0, limit: 100 }
const page = (feed: EventFeed, request = all) => feed.read(request, 0, connectedReader())

interface Reader {
  /** The subjects of the events that it was answered with. */
  heard?: string[]
  failed?: unknown
  /** As when its connection is closed. */
  go: () => void
}

/** Asks for what comes after `after`, and waits for it; whoever waits is known to wait when this resolves. */
async function waitingReader(feed: EventFeed, { after = 0, timeoutMs = 30_000 } = {}): Promise<Reader> {
  const connection = new AbortController()
  const reader: Reader = { go: () => connection.abort() }
  feed.read({ after, limit: 100 }, timeoutMs, { ...connectedReader(), signal: connection.signal }).then(
    (answer) => (reader.heard = subjectsIn(answer)),
    (error: unknown) => (reader.failed = error),
  )
  await settled()
  return reader
}

describe('A page of the feed', () => {
  it('contains the events after a sequence number in commit order, and how many remain', async () => {
    const { feed, system, happen } = await feedOfThings()
    await happen('a', 'b')
    system.jump(-60_000) // what the clock says is no order
    await Promise.all([happen('c'), happen('d')])
    const { json, ...counts } = await page(feed, { after: 1, limit: 2 })
    expect(subjectsIn({ json })).toEqual(['b', 'c'])
    expect(counts).toEqual({ events: 2, remaining: 1 })
    expect(await page(feed, { after: 4, limit: 2 })).toEqual({ json: '[]', events: 0, remaining: 0 })
  })

  it('can contain an event that is committed meanwhile, and then none remain', async () => {
    const { feed, stepIn, happen } = await feedOfThings()
    stepIn.beforeReading = () => happen('a')
    const { json, remaining } = await page(feed)
    expect([subjectsIn({ json }), remaining]).toEqual([['a'], 0])
  })

  it('is made once for all readers between two commits', async () => {
    const { feed, happen } = await feedOfThings()
    await happen('a', 'b')
    const pages = await Promise.all([page(feed), page(feed)])
    expect([...pages, await page(feed)].map(subjectsIn)).toEqual(Array(3).fill(['a', 'b']))
    expect(feed.pagesMade).toBe(1)
    await page(feed, { after: 1, limit: 100 })
    await page(feed, { after: 0, limit: 1 })
    expect(feed.pagesMade).toBe(3)
  })

  it('is made again after a commit', async () => {
    const { feed, database, happen } = await feedOfThings()
    await happen('a')
    expect(subjectsIn(await page(feed))).toEqual(['a'])
    await happen('b')
    expect(subjectsIn(await page(feed))).toEqual(['a', 'b'])
    await database.write((tx) => tx.run(`UPDATE events SET data = '{"name":null}'`))
    const { json } = await page(feed)
    expect((JSON.parse(json) as { data: unknown }[]).map(({ data }) => data)).toEqual([{ name: null }, { name: null }])
  })

  it('is not cached if it could not be made', async () => {
    const { feed, stepIn, happen } = await feedOfThings()
    await happen('a')
    stepIn.afterReading = () => Promise.reject(new Error('the disk is away'))
    await expect(page(feed)).rejects.toThrow('the disk is away')
    stepIn.afterReading = () => undefined
    expect(subjectsIn(await page(feed))).toEqual(['a'])
  })

  it('is not cached for ever if many different pages are read', async () => {
    const { feed } = await feedOfThings()
    for (let limit = 1; limit <= 17; limit++) await page(feed, { after: 0, limit })
    await page(feed, { after: 0, limit: 1 })
    expect(feed.pagesMade).toBe(18)
  })
})

describe('A waiting reader', () => {
  it('gets a committed event at once', async () => {
    const { feed, system, happen } = await feedOfThings()
    const reader = await waitingReader(feed)
    expect(feed.waiting).toBe(1)
    await happen('a', 'b')
    await settled()
    expect(reader.heard).toEqual(['a', 'b'])
    expect([feed.waiting, system.timers]).toEqual([0, 0])
  })

  it('gets an empty page exactly at its time-out', async () => {
    const { feed, system } = await feedOfThings()
    const reader = await waitingReader(feed, { timeoutMs: 5000 })
    await system.pass(4999)
    expect([reader.heard, feed.waiting]).toEqual([undefined, 1])
    await system.pass(1)
    expect([reader.heard, feed.waiting, system.timers]).toEqual([[], 0, 0])
  })

  it('keeps waiting if a commit has no new event for it, or fails', async () => {
    const { feed, database, happen } = await feedOfThings()
    await happen('a')
    const reader = await waitingReader(feed, { after: 1 })
    const ahead = await waitingReader(feed, { after: 2 })
    await database.write((tx) => insertThing(tx, 'a'))
    const lost = database.write(async (tx) => {
      await insertThing(tx, 'b', 'a parent that is not there at the commit')
      await tx.run(
        `INSERT INTO events (sequence, id, type, subject, time, data) VALUES (2, 'lost', 'thing.done', 'lost', '', '{}')`,
      )
    })
    await expect(lost).rejects.toThrow(/foreign key/i)
    await settled()
    expect([reader.heard, feed.waiting]).toEqual([undefined, 2])
    await happen('b')
    await settled()
    expect([reader.heard, ahead.heard]).toEqual([['b'], undefined])
  })

  it('gets an event that is committed between its read and its wait', async () => {
    const { feed, stepIn, happen } = await feedOfThings()
    stepIn.afterReading = async () => {
      stepIn.afterReading = () => undefined
      await happen('a')
    }
    const reader = await waitingReader(feed)
    expect([reader.heard, feed.waiting]).toEqual([['a'], 0])
  })

  it('is forgotten with its timer when it disconnects', async () => {
    const { feed, system } = await feedOfThings()
    const [gone] = [await waitingReader(feed), await waitingReader(feed)]
    gone.go()
    expect([feed.waiting, system.timers]).toEqual([1, 1])
  })

  it('gets the error if the log cannot be read after a commit', async () => {
    const { feed, database, system } = await feedOfThings()
    const reader = await waitingReader(feed)
    await database.write((tx) => tx.run('ALTER TABLE events RENAME TO mislaid'))
    await settled()
    expect(reader.failed).toMatchObject({ message: expect.stringMatching(/events/) as unknown })
    expect([feed.waiting, system.timers]).toEqual([0, 0])
  })

  it('shares one page with up to 1000 readers', async () => {
    const { feed, happen } = await feedOfThings()
    const waiting = Array.from({ length: 1000 }, () => waitingReader(feed))
    const readers = await Promise.all(waiting)
    expect([feed.waiting, feed.pagesMade]).toEqual([1000, 1])
    const tooMany = await waitingReader(feed)
    expect(tooMany.failed).toMatchObject({ code: 'overloaded' })
    await happen('a')
    await settled()
    expect(readers.every(({ heard }) => heard?.join() === 'a')).toBe(true)
    expect(feed.pagesMade).toBe(2)
    expect((await waitingReader(feed, { after: 1 })).failed).toBeUndefined()
  })
})

describe('A feed that ends', () => {
  it('returns an empty page to all waiting readers, and lets nobody wait afterwards', async () => {
    const { feed, system, stepIn } = await feedOfThings()
    const before = [await waitingReader(feed), await waitingReader(feed)]
    let endsMeanwhile = () => {
      feed.end()
    }
    stepIn.afterReading = () => {
      endsMeanwhile()
      endsMeanwhile = () => undefined
    }
    const meanwhile = await waitingReader(feed, { after: 1 })
    const after = await waitingReader(feed, { after: 2 })
    expect([...before, meanwhile, after].map(({ heard }) => heard)).toEqual([[], [], [], []])
    expect([feed.waiting, system.timers]).toEqual([0, 0])
  })
})

describe('The metrics of a feed', () => {
  it('show how many readers wait and how many pages were made', async () => {
    const { feed, happen } = await feedOfThings()
    const registry = new Registry()
    feedMetrics(registry, feed)
    await waitingReader(feed)
    await happen('a')
    await waitingReader(feed, { after: 1 })
    const shown = [await registry.metrics(), await registry.metrics()]
    for (const text of shown) expect(text).toMatch(/^feed_readers_waiting 1$[^]*^feed_pages_total 3$/m)
  })
})
