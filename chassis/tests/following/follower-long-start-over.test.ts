import type { Database } from '@tandem/chassis/database/database'
import { countWrites } from '../../testing/count-writes'
import { eventually, temporaryFolder } from '../../testing/temporary'
import { pageOf } from '../../testing/test-feed'
import { following, storedBy, testFollower } from '../../testing/test-follower'
import { settled } from '../../testing/virtual-system'

const many = 1_300

/** As if it had taken that many events of a feed, of which only the last one is there. */
async function addHistory(database: Database, position: string): Promise<void> {
  const numbers = `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${many})`
  await database.write(async (tx) => {
    await tx.run(`${numbers} INSERT INTO effects SELECT 10 + n, 'old ' || n FROM numbers`)
    await tx.run(`${numbers} INSERT INTO seen_events SELECT 'things', 'old ' || n FROM numbers`)
    await tx.run("INSERT INTO seen_events VALUES ('another feed', 'old 1')")
    await tx.run(`${numbers} INSERT INTO parked_events SELECT 'things', 'old ' || n, NULL, '', '' FROM numbers`)
    await tx.run("INSERT INTO followed_feeds VALUES ('things', ?)", position)
  })
}

async function followingForLong(folder = temporaryFolder()) {
  const things = await following({ folder })
  const ids = await things.feed.happen('a', 'b')
  await addHistory(things.database, ids[1]!)
  return { ...things, folder, ids }
}

const again = { effects: ['a', 'b'], parked: [], seen: 3 } // one of another feed

describe('Starting over after very many events', () => {
  it('deletes what was made of them in pages, and takes no event until that is done', async () => {
    const { database, follower, feed, stored, tried, ids } = await followingForLong()
    const left: number[] = []
    database.onCommit(() => {
      void storedBy(database).then(({ effects }) => left.push(effects.length))
      if (left.at(-1) !== 0) expect(tried).toEqual([])
    })
    await follower.startOver()
    expect((await stored()).position).toBeUndefined()
    follower.start()
    await eventually(async () => (await stored()).position === ids[1])
    await settled()
    expect(left.slice(0, 3)).toEqual([800, 300, 0])
    expect(await stored()).toMatchObject(again)
    expect(feed.asked[0]).toEqual({ after: null, at: 0 })
  })

  it('writes some hundreds of rows in a transaction at most', async () => {
    const folder = temporaryFolder()
    const { database, feed, system } = await followingForLong(folder)
    await database.close()
    const counted = countWrites()
    const { follower, stored } = await testFollower({ system, transport: feed, folder, wrapDatabase: counted.wrap })
    await follower.startOver()
    follower.start()
    await eventually(async () => (await stored()).effects.includes('b'))
    expect(counted.maxRows()).toBeLessThan(1_600) // of each of three tables 500
  })

  it('is finished in the next life if the process dies before it is done', async () => {
    const { database, follower, feed, system, folder, ids } = await followingForLong()
    await follower.startOver()
    await database.close()
    const { follower: next, stored } = await testFollower({ system, transport: feed, folder })
    next.start()
    await eventually(async () => (await stored()).position === ids[1])
    expect(await stored()).toMatchObject(again)
  })

  it('throws away a first page that was read before it', async () => {
    const { database, follower, feed, stored, stepIn, tried, ids } = await followingForLong()
    await database.write((tx) => tx.run('DELETE FROM followed_feeds'))
    const page = pageOf(...(await feed.events()))
    let answer: (said: typeof page) => void = () => undefined
    feed.instead = () => new Promise((resolve) => (answer = resolve))
    follower.start()
    await settled()
    feed.instead = () => undefined
    let triedMeanwhile: string[] | undefined
    stepIn.beforeWrite = async () => {
      stepIn.beforeWrite = () => undefined
      await follower.startOver() // the page is read and about to be taken
      triedMeanwhile = [...tried]
    }
    answer(page)
    await eventually(async () => (await stored()).position === ids[1])
    expect(triedMeanwhile).toEqual([])
    expect(await stored()).toMatchObject(again)
    expect(tried).toEqual(['a', 'b'])
  })
})
