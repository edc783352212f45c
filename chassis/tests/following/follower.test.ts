import { temporaryFolder } from '../../testing/temporary'
import { pageOf } from '../../testing/test-feed'
import { beLocked, following, storedBy, testFollower } from '../../testing/test-follower'
import { settled } from '../../testing/virtual-system'

describe('A follower', () => {
  it('applies past events in order and once, and later ones as they come', async () => {
    const { feed, follower, system, committed, stored } = await following()
    const ids = await feed.happen('a', 'b', 'c')
    follower.start()
    await settled()
    expect(await stored()).toEqual({ effects: ['a', 'b', 'c'], position: ids[2], seen: 3, parked: [] })
    expect(feed.asked.map(({ after }) => after)).toEqual([null, ids[2]])
    await system.pass(1000)
    const later = await feed.happen('d', 'a')
    await settled()
    expect(await stored()).toEqual({ effects: ['a', 'b', 'c', 'd', 'a'], position: later[1], seen: 5, parked: [] })
    expect(committed).toEqual(['a', 'b', 'c', 'd', 'a'])
    expect(system.monotonic()).toBe(1000)
  })

  it('reads a long log page by page, without a pause', async () => {
    const { feed, follower, system, stored } = await following()
    const names = Array.from({ length: 450 }, (_, i) => String(i))
    const ids = await feed.happen(...names)
    follower.start()
    await settled()
    expect((await stored()).effects).toEqual(names)
    expect(feed.asked).toEqual([null, ids[199], ids[399], ids[449]].map((after) => ({ after, at: 0 })))
    expect(system.timers).toBe(1) // the feed's own, which waits for more
  })

  it('moves the position in the transaction of the effects', async () => {
    const { feed, follower, database, stepIn } = await following()
    const ids = await feed.happen('a', 'b', 'c')
    const afterEachCommit: Awaited<ReturnType<typeof storedBy>>[] = []
    stepIn.afterCommit = async () => afterEachCommit.push(await storedBy(database))
    follower.start()
    await settled()
    await feed.happen('d')
    await settled()
    expect(afterEachCommit).toEqual([
      { effects: [], position: undefined, seen: 0, parked: [] }, // that a first page begins
      { effects: ['a', 'b', 'c'], position: ids[2], seen: 3, parked: [] },
      { effects: ['a', 'b', 'c', 'd'], position: (await feed.ids())[3], seen: 4, parked: [] },
    ])
  })

  it('rolls back a page whose commit fails, and applies it once when it retries', async () => {
    const { feed, follower, system, stored, stepIn, tried, committed, lines } = await following()
    stepIn.beforeCommit = () => {
      if (tried.length > 0) beLocked() // not yet when it is noted that a first page begins
    }
    const ids = await feed.happen('a', 'b')
    follower.start()
    await settled()
    expect(await stored()).toEqual({ effects: [], position: undefined, seen: 0, parked: [] })
    expect([tried, committed]).toEqual([['a', 'b'], []])
    expect(lines.map(({ level, msg }) => ({ level, msg }))).toEqual([{ level: 50, msg: 'feed cannot be followed' }])
    stepIn.beforeCommit = () => undefined
    await system.pass(250)
    expect(await stored()).toEqual({ effects: ['a', 'b'], position: ids[1], seen: 2, parked: [] })
    expect([tried, committed]).toEqual([
      ['a', 'b', 'a', 'b'],
      ['a', 'b'],
    ])
  })

  it('reports applied events after the commit, and not before', async () => {
    const { feed, follower, database, committed } = await following()
    const committedAtCommit: number[] = []
    database.onCommit(() => committedAtCommit.push(committed.length))
    await feed.happen('a', 'b')
    follower.start()
    await settled()
    expect(committedAtCommit).toEqual([0, 0]) // the first commit notes that a first page begins
    expect(committed).toEqual(['a', 'b'])
  })

  it('applies a repeated event once, within a page and across pages', async () => {
    const { feed, follower, stored, committed } = await following()
    const ids = await feed.happen('a', 'b')
    const [a, b] = await feed.events()
    feed.instead = (after) => (after === null ? pageOf(a, a, b, a) : undefined)
    follower.start()
    await settled()
    expect(feed.asked.map(({ after }) => after)).toEqual([null, ids[0], ids[1]])
    expect(await stored()).toEqual({ effects: ['a', 'b'], position: ids[1], seen: 2, parked: [] })
    expect(committed).toEqual(['a', 'b'])
    await feed.happen('c')
    await settled()
    expect((await stored()).effects).toEqual(['a', 'b', 'c'])
  })

  it('skips events of unknown types, and moves past them', async () => {
    const { feed, follower, system, stored, tried } = await following()
    await feed.happenAs('thing.undone', 'a')
    await feed.happen('b')
    const ids = await feed.happenAs('constructor', 'c')
    follower.start()
    await settled()
    expect(await stored()).toEqual({ effects: ['b'], position: ids[0], seen: 1, parked: [] })
    expect(tried).toEqual(['b'])
    expect(feed.asked.at(-1)).toEqual({ after: ids[0], at: system.monotonic() })
  })

  it('continues from its position after a restart', async () => {
    const folder = temporaryFolder()
    const { feed, system, follower, database } = await following({ folder })
    const ids = await feed.happen('a', 'b')
    follower.start()
    await settled()
    await follower.stop()
    await database.close()
    feed.asked.length = 0
    await feed.happen('c')
    const again = await testFollower({ system, transport: feed, folder })
    again.follower.start()
    await settled()
    expect(feed.asked[0]).toEqual({ after: ids[1], at: 0 })
    expect((await again.stored()).effects).toEqual(['a', 'b', 'c'])
  })
})
