import { beLocked, following, storedBy } from '../../testing/test-follower'
import { pageOf } from '../../testing/test-feed'
import { settled } from '../../testing/virtual-system'

/** The work, at the first call. */
function once(work: () => unknown): () => unknown {
  let done = false
  return () => {
    if (done) return undefined
    done = true
    return work()
  }
}

const nothing = { effects: [], position: undefined, seen: 0, parked: [] }

describe('A last event that the upstream no longer has', () => {
  it('empties the copy, the marks, parked events and the position in one transaction, and starts over', async () => {
    const { feed, follower, system, database, stored, stepIn, faults, lines } = await following()
    await feed.happen('a')
    await feed.happen('bad')
    faults.set('bad', new Error('on purpose'))
    follower.start()
    await system.pass(6000)
    const before = await stored()
    expect(before).toMatchObject({ effects: ['a'], seen: 2, parked: [before.position] })

    const afterEachCommit: Awaited<ReturnType<typeof storedBy>>[] = []
    stepIn.afterCommit = async () => afterEachCommit.push(await storedBy(database))
    await feed.loseEverything()
    await feed.happen('b', 'c')
    await system.pass(6000)
    expect(afterEachCommit).toEqual([nothing, await stored()])
    expect(await stored()).toMatchObject({ effects: ['b', 'c'], seen: 2, parked: [] })
    expect(lines.slice(-2)).toEqual([
      expect.objectContaining({
        level: 50,
        msg: expect.stringContaining('no longer has'),
        lastEventId: before.position,
      }),
      expect.objectContaining({ level: 40, msg: 'following the feed from its start again', feed: 'things' }),
    ])
    expect(feed.asked.slice(-3).map(({ after }) => after)).toEqual([before.position, null, (await feed.ids())[1]])
  })

  it('changes nothing if the database fails, and starts over once it has recovered', async () => {
    const { feed, follower, system, stored, stepIn } = await following()
    await feed.happen('a')
    follower.start()
    await settled()
    const before = await stored()
    stepIn.beforeCommit = beLocked
    await feed.loseEverything()
    await system.pass(10_000)
    expect(await stored()).toEqual(before)
    stepIn.beforeCommit = () => undefined
    await system.pass(5000)
    expect(await stored()).toEqual(nothing)
  })
})

describe('Starting over', () => {
  it('reads everything again at once, even during a long poll', async () => {
    const { feed, follower, system, stored, messages } = await following()
    const ids = await feed.happen('a', 'b')
    follower.start()
    await settled()
    await follower.startOver()
    await settled()
    expect(await stored()).toEqual({ effects: ['a', 'b'], position: ids[1], seen: 2, parked: [] })
    expect(feed.asked).toEqual([null, ids[1], null, ids[1]].map((after) => ({ after, at: 0 })))
    expect(messages()).toEqual(['following the feed from its start again'])
    await feed.happen('c')
    await settled()
    expect((await stored()).effects).toEqual(['a', 'b', 'c'])
    expect(system.monotonic()).toBe(0)
  })

  it('discards the page being applied, and the copy is complete afterwards', async () => {
    const { feed, follower, stored, stepIn, tried } = await following()
    await feed.happen('a', 'b')
    follower.start()
    await settled()
    stepIn.beforeWrite = once(() => follower.startOver())
    const ids = await feed.happen('c')
    await settled()
    expect(await stored()).toEqual({ effects: ['a', 'b', 'c'], position: ids[0], seen: 3, parked: [] })
    expect(tried).toEqual(['a', 'b', 'a', 'b', 'c'])
  })

  it('discards a pending response', async () => {
    const { feed, follower, stored } = await following()
    const ids = await feed.happen('a')
    const late = pageOf(...(await feed.events()))
    let answer: (page: { body: string }) => void = () => undefined
    feed.instead = (after) => (after === ids[0] ? new Promise((resolve) => (answer = resolve)) : undefined)
    follower.start()
    await settled()
    feed.instead = () => undefined
    await follower.startOver()
    await settled()
    answer(late)
    await settled()
    expect(await stored()).toEqual({ effects: ['a'], position: ids[0], seen: 1, parked: [] })
  })

  it('never reports a lag of zero before everything was read again', async () => {
    const { feed, follower, stepIn } = await following()
    await feed.happen('a')
    follower.start()
    await settled()
    expect(follower.lag).toEqual({ events: 0, seconds: 0 })
    feed.instead = (after) => (after === null ? new Promise(() => undefined) : undefined)
    let over: Promise<void> | undefined
    stepIn.beforeWrite = once(() => {
      setImmediate(() => {
        over = follower.startOver() // in the same commit
      })
    })
    await feed.happen('b')
    await settled()
    await over
    expect(feed.asked.at(-1)?.after).toBeNull()
    expect(follower.lag.events).toBeNull()
  })

  it('between the attempts of an event neither parks it nor moves past it', async () => {
    const { feed, follower, system, stored, faults, tried } = await following()
    await feed.happen('a')
    follower.start()
    await settled()
    faults.set('bad', new Error('on purpose'))
    await feed.happen('bad', 'b')
    await system.pass(300)
    expect(tried.filter((name) => name === 'bad').length).toBeGreaterThan(1)
    faults.clear()
    await follower.startOver()
    await system.pass(2000)
    expect(await stored()).toMatchObject({ effects: ['a', 'bad', 'b'], seen: 3, parked: [] })
  })

  it('during the last attempt does not park the event', async () => {
    const { feed, follower, system, stored, stepIn, faults, tried, messages } = await following()
    await feed.happen('a')
    follower.start()
    await settled()
    faults.set('bad', new Error('on purpose'))
    await feed.happen('bad')
    await system.pass(749)
    expect(tried).toEqual(['a', 'bad', 'bad', 'bad', 'bad'])
    stepIn.beforeWrite = once(() => {
      stepIn.beforeWrite = once(() => follower.startOver()) // after the last try, before it is parked
    })
    feed.instead = (after) => (after === null ? { status: 503 } : undefined)
    await system.pass(1)
    expect(tried).toEqual(['a', 'bad', 'bad', 'bad', 'bad', 'bad'])
    expect(messages()).toEqual(['following the feed from its start again', 'feed cannot be read'])
    expect(await stored()).toEqual(nothing)
  })
})
