import { chassisMigrations } from '@tandem/chassis/database/chassis-migrations'
import { openPostgres } from '@tandem/chassis/database/postgres/open-postgres'
import { silentLog } from '@tandem/chassis/log'
import { realSystem, type System } from '@tandem/chassis/system'
import { effectsMigration } from '../../testing/effects'
import { createDatabase, testServer } from '../../testing/postgres'
import { afterThisTest, eventually, temporaryFolder } from '../../testing/temporary'
import { TestFeed } from '../../testing/test-feed'
import { testFollower } from '../../testing/test-follower'
import { VirtualSystem } from '../../testing/virtual-system'

/** Starts followers of one feed on one database, as replicas do. */
async function replicas() {
  const folder = temporaryFolder()
  const feed = await TestFeed.open(realSystem)
  afterThisTest(() => {
    feed.close()
  })
  const { url } = await createDatabase(testServer!, folder)
  const migrations = [...chassisMigrations, effectsMigration]
  const start = async (clock: Pick<System, 'setTimeout' | 'clearTimeout' | 'monotonic'> = realSystem) => {
    const real = await openPostgres({ url, migrations, system: clock, log: silentLog })
    afterThisTest(() => real.close())
    const replica = await testFollower({
      system: realSystem,
      transport: feed,
      folder,
      wrapDatabase: (database) => ({ ...database, lease: (name) => real.lease(name) }),
    })
    replica.follower.start()
    return replica
  }
  return { feed, start }
}

const caughtUp = { events: 0, seconds: 0 }

describe('Several replicas that follow one feed', () => {
  it('let each event take effect once, in one of them, and all say how far that one is', async () => {
    const { feed, start } = await replicas()
    const all = [await start(), await start(), await start()]
    await feed.happen('a', 'b')
    await eventually(async () => (await all[0]!.stored()).effects.length === 2)
    await feed.happen('c')
    await eventually(async () => (await all[0]!.stored()).effects.length === 3)
    expect(all.filter(({ tried }) => tried.length > 0).map(({ tried }) => tried)).toEqual([['a', 'b', 'c']])
    for (const { follower } of all) {
      await eventually(async () => (await follower.currentLag()).events === 0)
      expect(await follower.currentLag()).toEqual(caughtUp)
    }
  })

  it('go on with another one if the one that follows is paused, which does nothing when it comes back', async () => {
    const { feed, start } = await replicas()
    const paused = await start(new VirtualSystem()) // by its clock, no time passes: it goes on as if it had the lease
    await feed.happen('a')
    await eventually(async () => (await paused.stored()).effects.length === 1)
    let goOn = (): void => undefined
    const resumed = new Promise<void>((resolve) => (goOn = resolve))
    paused.stepIn.beforeWrite = () => resumed
    await feed.happen('b')
    const other = await start()
    await eventually(async () => (await other.stored()).effects.length === 2)
    expect(other.tried).toEqual(['b'])
    goOn()
    await feed.happen('c')
    await eventually(async () => (await other.stored()).effects.length === 3)
    expect(paused.tried).toEqual(['a'])
    expect(await other.stored()).toMatchObject({ effects: ['a', 'b', 'c'], seen: 3, parked: [] })
  })

  it('are not taken for one that dies, however often the lease changes hands', async () => {
    const { feed, start } = await replicas()
    for (const name of ['a', 'b', 'c', 'd']) {
      const replica = await start()
      await feed.happen(name)
      await eventually(async () => (await replica.stored()).effects.includes(name))
      await replica.follower.stop()
    }
    const last = await start()
    await feed.happen('e')
    await eventually(async () => (await last.stored()).effects.length === 5)
    expect(await last.stored()).toMatchObject({ effects: ['a', 'b', 'c', 'd', 'e'], parked: [] })
  })

  it('start over in the one that follows if another one is asked to', async () => {
    const { feed, start } = await replicas()
    const following = await start()
    await feed.happen('a', 'b')
    await eventually(async () => (await following.stored()).effects.length === 2)
    const other = await start()
    await other.follower.startOver()
    await feed.happen('c')
    await eventually(async () => (await other.stored()).effects.length === 3)
    expect(following.tried).toEqual(['a', 'b', 'a', 'b', 'c'])
    expect(other.tried).toEqual([])
  })

  it('count as behind once none of them has followed for a while', async () => {
    const { feed, start } = await replicas()
    const stopped = await start()
    await feed.happen('a')
    await eventually(async () => (await stopped.follower.currentLag()).events === 0)
    await stopped.follower.stop()
    expect(await stopped.follower.currentLag()).toEqual(caughtUp)
    await stopped.database.write((tx) => tx.run('UPDATE feed_lags SET measured_at = measured_at - 20000'))
    const { events, seconds } = await stopped.follower.currentLag()
    expect(events).toBeNull()
    expect(seconds).toBeGreaterThanOrEqual(20)
  })
})
