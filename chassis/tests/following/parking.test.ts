import { pageOf } from '../../testing/test-feed'
import { beLocked, following, storedBy } from '../../testing/test-follower'
import { settled } from '../../testing/virtual-system'

const onPurpose = new Error('on purpose')
const storedParked = 'SELECT event_id AS id, feed, after_event_id AS after, error, parked_at AS at FROM parked_events'

describe('An event that cannot be handled', () => {
  it('is parked after five attempts, and the events around it take effect', async () => {
    const { feed, follower, system, database, stored, stepIn, faults, tried, committed, lines } = await following()
    const afterEachCommit: Awaited<ReturnType<typeof storedBy>>[] = []
    stepIn.afterCommit = async () => afterEachCommit.push(await storedBy(database))
    const ids = await feed.happen('a', 'bad', 'b', 'c')
    faults.set('bad', onPurpose)
    follower.start()
    await system.pass(749)
    expect(await stored()).toEqual({ effects: ['a'], position: ids[0], seen: 1, parked: [] })
    await system.pass(1)
    expect(await stored()).toEqual({ effects: ['a', 'b', 'c'], position: ids[3], seen: 4, parked: [ids[1]] })
    expect(tried.filter((name) => name === 'bad')).toHaveLength(5)
    expect(committed).toEqual(['a', 'b', 'c'])
    expect(await database.read.all(storedParked)).toEqual([
      { id: ids[1], feed: 'things', after: ids[0], error: 'on purpose', at: '2026-01-01T00:00:00.750Z' },
    ])
    expect(lines).toEqual([
      expect.objectContaining({
        level: 50,
        msg: 'event parked',
        feed: 'things',
        eventId: ids[1],
        type: 'thing.done',
        err: expect.objectContaining({ message: 'on purpose' }),
      }),
    ])
    expect(afterEachCommit.find(({ parked }) => parked.length > 0)).toEqual({
      effects: ['a'],
      position: ids[1],
      seen: 2,
      parked: [ids[1]],
    })
    expect(feed.asked.map(({ after }) => after)).toEqual([null, ids[3]])
  })

  it('takes effect once if an attempt succeeds', async () => {
    const { feed, follower, system, stored, faults, messages } = await following()
    const ids = await feed.happen('a', 'bad', 'b')
    faults.set('bad', onPurpose)
    follower.start()
    await system.pass(749)
    faults.clear()
    await system.pass(1)
    expect(await stored()).toEqual({ effects: ['a', 'bad', 'b'], position: ids[2], seen: 3, parked: [] })
    expect(messages()).toEqual([])
  })

  it('is stored without its data, with the start of the error, whatever was thrown', async () => {
    const { feed, follower, system, database, faults } = await following()
    await feed.happen('bad', 'worse')
    faults.set('bad', new Error('x'.repeat(10_000)))
    faults.set('worse', 'no error at all')
    follower.start()
    await system.pass(2000)
    const rows = await database.read.all<{ error: string }>(storedParked)
    expect(rows.map(({ error }) => error)).toEqual(['x'.repeat(500), 'no error at all'])
  })

  it('stays parked if it is repeated', async () => {
    const { feed, follower, system, stored, faults, tried } = await following()
    const ids = await feed.happen('bad')
    const again = pageOf(...(await feed.events()))
    faults.set('bad', onPurpose)
    follower.start()
    await system.pass(1000)
    faults.clear()
    feed.instead = () => again
    await system.pass(6000)
    expect(await stored()).toEqual({ effects: [], position: ids[0], seen: 1, parked: ids })
    expect(tried).toHaveLength(5)
  })

  it('is neither parked nor retried once the follower stops', async () => {
    const { feed, follower, system, stored, faults, tried } = await following()
    await feed.happen('bad', 'b')
    faults.set('bad', onPurpose)
    follower.start()
    await system.pass(300)
    const { length } = tried
    await follower.stop()
    await system.pass(60_000)
    expect(await stored()).toEqual({ effects: [], position: undefined, seen: 0, parked: [] })
    expect(tried).toHaveLength(length)
  })
})

describe('A database outage', () => {
  it('parks nothing, and the event takes effect afterwards', async () => {
    const { feed, follower, system, stored, stepIn, tried, messages } = await following()
    const ids = await feed.happen('a', 'b')
    stepIn.beforeCommit = () => {
      if (tried.length > 0) beLocked()
    }
    follower.start()
    await system.pass(30_000)
    expect(await stored()).toEqual({ effects: [], position: undefined, seen: 0, parked: [] })
    expect(tried.length).toBeGreaterThan(10)
    stepIn.beforeCommit = () => undefined
    await system.pass(5000)
    expect(await stored()).toEqual({ effects: ['a', 'b'], position: ids[1], seen: 2, parked: [] })
    expect(messages()).toEqual(['feed cannot be followed', 'feed is readable again'])
  })

  it('parks nothing if it comes between attempts, or when the event is to be parked', async () => {
    const { feed, follower, system, stored, stepIn, faults, tried } = await following()
    const ids = await feed.happen('bad')
    faults.set('bad', onPurpose)
    follower.start()
    await system.pass(300)
    expect(tried).toHaveLength(3)
    faults.set('bad', Object.assign(new Error('disk full'), { errcode: 13 }))
    await system.pass(10_000)
    expect(await stored()).toMatchObject({ position: undefined, parked: [] })

    faults.set('bad', onPurpose)
    stepIn.beforeCommit = beLocked
    await system.pass(20_000)
    expect(await stored()).toMatchObject({ position: undefined, seen: 0, parked: [] })
    stepIn.beforeCommit = () => undefined
    await system.pass(10_000)
    expect(await stored()).toEqual({ effects: [], position: ids[0], seen: 1, parked: ids })
    await settled()
  })
})
