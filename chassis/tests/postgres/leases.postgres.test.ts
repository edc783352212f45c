import { chassisMigrations } from '@tandem/chassis/database/chassis-migrations'
import type { Database } from '@tandem/chassis/database/database'
import { openPostgres } from '@tandem/chassis/database/postgres/open-postgres'
import { DatabaseUnavailable } from '@tandem/chassis/database/unavailable'
import { realSystem, type System } from '@tandem/chassis/system'
import { createDatabase, testServer } from '../../testing/postgres'
import { afterThisTest, eventually } from '../../testing/temporary'
import { readableLog } from '../../testing/test-app'
import { insertThing, storedThings, thingMigrations } from '../../testing/things'
import { VirtualSystem } from '../../testing/virtual-system'

/** Opens the same database as several processes do. */
async function sharedDatabase() {
  const { url, drop } = await createDatabase(testServer!, realSystem.newId())
  afterThisTest(drop)
  return async (system: Pick<System, 'setTimeout' | 'clearTimeout' | 'monotonic'> = realSystem) => {
    const { log, lines } = readableLog()
    const database = await openPostgres({ url, migrations: [...chassisMigrations, ...thingMigrations], system, log })
    afterThisTest(() => database.close())
    return { database, lease: database.lease('work'), messages: () => lines.map(({ msg }) => msg) }
  }
}

async function leaseRow({ read }: Database) {
  return read.get<{ term: number; left: number }>(
    'SELECT term, (EXTRACT(EPOCH FROM expires_at - clock_timestamp()) * 1000)::float8 AS left FROM leases',
  )
}

describe('A lease', () => {
  it('is had by one of several processes, for longer than it lasts without renewal', async () => {
    const open = await sharedDatabase()
    const processes = [await open(), await open(), await open()]
    const holders = () => processes.filter(({ lease }) => lease.term !== undefined)
    await eventually(() => holders().length === 1)
    const [first] = holders()
    const { signal } = first!.lease.term!
    const began = performance.now()
    while (performance.now() - began < 4000) {
      expect(holders()).toEqual([first])
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    expect(signal.aborted).toBe(false)
    expect(await leaseRow(first!.database)).toMatchObject({ term: 1 })
  })

  it('goes to another process at once if it is released, and the number of the term grows', async () => {
    const open = await sharedDatabase()
    const first = await open()
    await eventually(() => first.lease.term)
    const { signal } = first.lease.term!
    await first.lease.release()
    expect(signal.aborted).toBe(true)
    expect(first.lease.term).toBeUndefined()
    expect((await leaseRow(first.database))!.left).toBeLessThanOrEqual(0)
    const second = await open()
    await eventually(() => second.lease.term)
    expect(await leaseRow(first.database)).toMatchObject({ term: 2 })
  })

  it('goes to another process if its holder is paused, and what that one writes afterwards is refused', async () => {
    const open = await sharedDatabase()
    const paused = await open(new VirtualSystem()) // its clock stands still, as that of a paused process does
    await eventually(() => paused.lease.term)
    const other = await open()
    await eventually(() => other.lease.term)
    const term = paused.lease.term! // it does not know better
    const write = paused.database.write(async (tx) => {
      await term.assertLasts(tx)
      await insertThing(tx, 'late')
    })
    await expect(write).rejects.toThrow(DatabaseUnavailable)
    expect(await storedThings(other.database)).toEqual([])
    expect(term.signal.aborted).toBe(true)
    expect(paused.lease.term).toBeUndefined()
  })

  it('is not taken over before the end of a transaction that has relied on it', async () => {
    const open = await sharedDatabase()
    const paused = await open(new VirtualSystem()) // its clock stands still, as that of a paused process does
    await eventually(() => paused.lease.term)
    const other = await open()
    let hadBeforeTheEnd: unknown
    await paused.database.write(async (tx) => {
      await paused.lease.term!.assertLasts(tx)
      for (let i = 0; i < 40; i++) await tx.get('SELECT pg_sleep(0.1)::text AS slept')
      await insertThing(tx, 'in time')
      hadBeforeTheEnd = other.lease.term
    })
    expect(hadBeforeTheEnd).toBeUndefined()
    await eventually(() => other.lease.term)
  })

  it('ends when it cannot be renewed, here as soon as there', async () => {
    const open = await sharedDatabase()
    const cut = await open()
    await eventually(() => cut.lease.term)
    const { signal } = cut.lease.term!
    const other = await open()
    // Its row stays locked, so that each renewal waits.
    await other.database.write(async (tx) => {
      await tx.get("SELECT name FROM leases WHERE name = 'work' FOR UPDATE")
      while (!signal.aborted) await tx.get('SELECT pg_sleep(0.1)::text AS slept')
    })
    expect(cut.lease.term).toBeUndefined()
    await eventually(() => other.lease.term ?? cut.lease.term)
  })
})
