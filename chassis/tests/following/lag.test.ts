import { LagMeter } from '@tandem/chassis/following/lag'
import { following } from '../../testing/test-follower'
import { settled, VirtualSystem } from '../../testing/virtual-system'

function meter() {
  const system = new VirtualSystem()
  const lag = new LagMeter(system)
  /** A page was taken, the last event of which happened this long ago. */
  const taken = (remaining: number | undefined, ...ages: number[]) => {
    const events = ages.map((age) => {
      const time = new Date(system.now() - age).toISOString()
      return { specversion: '1.0' as const, id: '', type: '', time, data: {} }
    })
    lag.applied({ events, remaining })
  }
  return { system, lag, taken }
}

describe('How far a follower is behind', () => {
  it('is unknown before the first response, and then the time it has waited for it', async () => {
    const { system, lag } = meter()
    await system.pass(1500)
    expect(lag.lag).toEqual({ events: null, seconds: 1.5 })
  })

  it('is the number of remaining events, and the age of the last applied one', async () => {
    const { system, lag, taken } = meter()
    taken(7, 90_000, 60_000)
    await system.pass(2000)
    expect(lag.lag).toEqual({ events: 7, seconds: 62 })
  })

  it('is zero once nothing remains, and stays so while the feed has nothing new', async () => {
    const { system, lag, taken } = meter()
    taken(7, 60_000)
    taken(0, 30_000)
    await system.pass(5000)
    taken(0)
    await system.pass(5000)
    expect(lag.lag).toEqual({ events: 0, seconds: 0 })
  })

  it('grows while events remain that nobody can read, as they have no numbers', async () => {
    const { system, lag, taken } = meter()
    taken(0, 60_000)
    await system.pass(3000)
    taken(2)
    await system.pass(5000)
    taken(2)
    expect(lag.lag).toEqual({ events: 2, seconds: 5 })
    taken(0)
    expect(lag.lag).toEqual({ events: 0, seconds: 0 })
  })

  it('grows from the last response on while the feed cannot be read', async () => {
    const { system, lag, taken } = meter()
    taken(0, 60_000)
    await system.pass(3000)
    lag.failed()
    await system.pass(1000)
    lag.failed()
    expect(lag.lag).toEqual({ events: 0, seconds: 4 })
    taken(0)
    expect(lag.lag).toEqual({ events: 0, seconds: 0 })
  })

  it('continues if the feed fails while it catches up', async () => {
    const { system, lag, taken } = meter()
    taken(7, 60_000)
    lag.failed()
    await system.pass(1000)
    expect(lag.lag).toEqual({ events: 7, seconds: 61 })
  })

  it('is unknown for a feed without counts, until it is empty', () => {
    const { lag, taken } = meter()
    taken(undefined, 60_000)
    expect(lag.lag).toEqual({ events: null, seconds: 60 })
    taken(undefined)
    expect(lag.lag).toEqual({ events: 0, seconds: 0 })
  })

  it('is unknown after starting over', async () => {
    const { system, lag, taken } = meter()
    taken(0, 60_000)
    await system.pass(1000)
    lag.startedOver()
    await system.pass(2000)
    expect(lag.lag).toEqual({ events: null, seconds: 2 })
  })

  it('is never negative if the other clock is ahead', () => {
    const { lag, taken } = meter()
    taken(1, -60_000)
    expect(lag.lag).toEqual({ events: 1, seconds: 0 })
  })
})

describe('A follower', () => {
  it('knows at once that nothing remains, at start and after starting over', async () => {
    const { feed, follower, system } = await following()
    follower.start()
    await settled()
    expect(follower.lag).toEqual({ events: 0, seconds: 0 })
    await system.pass(1000)
    await follower.startOver()
    expect(follower.lag).toEqual({ events: null, seconds: 0 })
    await settled()
    expect(follower.lag).toEqual({ events: 0, seconds: 0 })
    expect(feed.asked.map(({ at }) => at)).toEqual([0, 0, 1000, 1000])
  })

  it('is behind by events that it has read but not applied', async () => {
    const { feed, follower, system, stepIn } = await following()
    await feed.happen(...Array.from({ length: 250 }, String))
    await system.pass(10_000)
    let writes = 0
    let goOn: (_: unknown) => void = () => undefined
    stepIn.beforeWrite = () => {
      writes += 1 // a note of the first page, then the pages
      return writes === 3 ? new Promise((resolve) => (goOn = resolve)) : undefined
    }
    expect(follower.lag).toEqual({ events: null, seconds: 10 })
    follower.start()
    await settled()
    expect(follower.lag).toEqual({ events: 50, seconds: 10 })
    await system.pass(1000)
    expect(follower.lag).toEqual({ events: 50, seconds: 11 })
    goOn(undefined)
    await settled()
    expect(follower.lag).toEqual({ events: 0, seconds: 0 })
  })

  it('is behind from the last response on while the feed is down, until it is readable again', async () => {
    const { feed, follower, system } = await following()
    follower.start()
    await system.pass(5000) // the first poll ends
    feed.down = 'ECONNREFUSED'
    await system.pass(15_000) // the second ends after five
    expect(follower.lag).toEqual({ events: 0, seconds: 10 })
    feed.down = undefined
    await system.pass(5000)
    expect(follower.lag).toEqual({ events: 0, seconds: 0 })
  })

  it('is behind while its database cannot be written', async () => {
    const { feed, follower, system, stepIn } = await following()
    follower.start()
    await system.pass(5000)
    stepIn.beforeCommit = () => {
      throw Object.assign(new Error('disk full'), { errcode: 13 })
    }
    await feed.happen('a')
    await system.pass(4000)
    expect(follower.lag.seconds).toBe(4)
  })
})
