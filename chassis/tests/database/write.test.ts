import type { Transaction } from '@tandem/chassis/database/database'
import { temporaryFolder } from '../../testing/temporary'
import { temporarySqlite } from '../../testing/temporary-sqlite'
import { insertThing, storedThings, thingMigrations } from '../../testing/things'

// On SQLite: for PostgreSQL see transactions.postgres.test.ts.
describe('A write', () => {
  it('resolves after the commit', async () => {
    const database = await temporarySqlite(thingMigrations)
    const seenByFirst = database.write((tx) => insertThing(tx, 'first')).then(() => storedThings(database))
    const second = database.write((tx) => insertThing(tx, 'second'))
    expect(await seenByFirst).toEqual(['first', 'second'])
    await second
  })

  it('is invisible to readers before the commit', async () => {
    const database = await temporarySqlite(thingMigrations)
    const seen = await database.write(async (tx) => {
      await insertThing(tx, 'a')
      const inside = await tx.all('SELECT name FROM things')
      return { inside: inside.length, outside: (await storedThings(database)).length }
    })
    expect(seen).toEqual({ inside: 1, outside: 0 })
  })

  it('cannot be made by a read', async () => {
    const database = await temporarySqlite(thingMigrations)
    await expect(database.read.get("INSERT INTO things (name) VALUES ('a')")).rejects.toThrow('readonly')
    expect(await storedThings(database)).toEqual([])
  })

  it('fails if it awaits a timer, stores nothing and blocks nobody', async () => {
    const database = await temporarySqlite(thingMigrations)
    const outcomes = await Promise.allSettled([
      database.write(async (tx) => {
        await insertThing(tx, 'slow')
        await new Promise((resolve) => setTimeout(resolve, 20))
      }),
      database.write((tx) => insertThing(tx, 'beside')),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
    expect(outcomes[0]).toMatchObject({ reason: { message: 'a unit awaited something other than its transaction' } })
    await database.write((tx) => insertThing(tx, 'after'))
    expect(await storedThings(database)).toEqual(['after', 'beside'])
  })

  it('fails if it awaits another write, which still succeeds', async () => {
    const database = await temporarySqlite(thingMigrations)
    let inner: Promise<unknown> | undefined
    const outer = database.write(async (tx) => {
      await insertThing(tx, 'outer')
      inner = database.write((other) => insertThing(other, 'inner'))
      await inner
    })
    await expect(outer).rejects.toThrow('awaited something other')
    await inner
    expect(await storedThings(database)).toEqual(['inner'])
  })

  it('has no usable transaction after it has ended', async () => {
    const database = await temporarySqlite(thingMigrations)
    let kept: Transaction | undefined
    await database.write(async (tx) => {
      kept = tx
    })
    const late = [
      async () => kept?.run("INSERT INTO things (name) VALUES ('late')"),
      async () => kept?.get('SELECT name FROM things'),
      async () => kept?.all('SELECT name FROM things'),
    ]
    for (const statement of late) await expect(statement()).rejects.toThrow('the transaction of this unit has ended')
    expect(await storedThings(database)).toEqual([])
  })

  it('cannot go on after it was given up', async () => {
    const database = await temporarySqlite(thingMigrations)
    let goOn: () => void = () => undefined
    const goneOn = new Promise<unknown>((resolve) => {
      const unit = async (tx: Transaction) => {
        await new Promise<void>((go) => (goOn = go))
        await insertThing(tx, 'late').then(resolve, resolve)
      }
      database.write((tx) => unit(tx).catch(resolve)).catch(() => undefined)
    })
    await database.write((tx) => insertThing(tx, 'good'))
    goOn()
    expect(await goneOn).toMatchObject({ message: 'the transaction of this unit has ended' })
    expect(await storedThings(database)).toEqual(['good'])
  })

  it('is finished before the database closes if it was requested before', async () => {
    const folder = temporaryFolder()
    const database = await temporarySqlite(thingMigrations, { folder })
    const asked = ['a', 'b'].map((name) => database.write((tx) => insertThing(tx, name)))
    const afterThose = asked[0]!.then(() => database.write((tx) => insertThing(tx, 'c')))
    await database.close()
    await Promise.all([...asked, afterThose])
    expect(await storedThings(await temporarySqlite(thingMigrations, { folder }))).toEqual(['a', 'b', 'c'])
  })

  it('is refused once the database is closed', async () => {
    const database = await temporarySqlite(thingMigrations)
    await database.close()
    const writes = [1, 2].map((n) => database.write((tx) => insertThing(tx, `late ${n}`)))
    const outcomes = await Promise.allSettled(writes)
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(outcomes[0]).toMatchObject({ reason: { message: 'the database is closed' } })
    await expect(database.read.get('SELECT 1')).rejects.toThrow()
  })
})
