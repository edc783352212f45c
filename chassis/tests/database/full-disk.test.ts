import { join } from 'node:path'
import { isUnavailable } from '@tandem/chassis/database/unavailable'
import { temporaryFolder } from '../../testing/temporary'
import { temporarySqlite } from '../../testing/temporary-sqlite'
import { commitsInLog, insertThing, storedThings, thingMigrations } from '../../testing/things'

// PostgreSQL is on another disk, and unavailable when that is full.
async function databaseInFolder() {
  const folder = temporaryFolder()
  const database = await temporarySqlite(thingMigrations, { folder })
  return { database, commits: () => commitsInLog(join(folder, 'test.db')) }
}

describe('A full disk', () => {
  async function nearlyFull() {
    const { database } = await databaseInFolder()
    // SQLite's own limit gives its own SQLITE_FULL, from the same place as the file system's.
    await database.write(async (tx) => {
      const { page_count: pages } = (await tx.get<{ page_count: number }>('PRAGMA page_count'))!
      await tx.get(`PRAGMA max_page_count = ${pages + 1}`)
    })
    const withSpace = () => database.write((tx) => tx.get('PRAGMA max_page_count = 100000'))
    return { database, withSpace }
  }
  const big = 'x'.repeat(100_000)

  it('fails all writes of the commit as unavailable, stores nothing, and the database recovers', async () => {
    const { database, withSpace } = await nearlyFull()
    const outcomes = await Promise.allSettled([
      database.write((tx) => insertThing(tx, 'small')),
      database.write((tx) => insertThing(tx, big)),
      database.write((tx) => insertThing(tx, 'small too')),
    ])
    expect(outcomes.map((outcome) => outcome.status === 'rejected' && isUnavailable(outcome.reason))).toEqual([
      true,
      true,
      true,
    ])
    expect(await storedThings(database)).toEqual([])
    await database.write((tx) => insertThing(tx, 'fits'))
    await withSpace()
    await database.write((tx) => insertThing(tx, big))
    expect(await storedThings(database)).toEqual(['fits', big])
  })

  it('fails even if the unit swallows the error', async () => {
    const { database } = await nearlyFull()
    const outcomes = await Promise.allSettled([
      database.write((tx) => insertThing(tx, 'small')),
      database.write((tx) => insertThing(tx, big).catch(() => 'swallowed')),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(await storedThings(database)).toEqual([])
  })
})
