import { join } from 'node:path'
import type { Transaction } from '@tandem/chassis/database/database'
import { temporaryFolder } from '../../testing/temporary'
import { temporarySqlite } from '../../testing/temporary-sqlite'
import { commitsInLog, insertThing, storedThings, thingMigrations } from '../../testing/things'

// Only SQLite has one writer, whose units share commits: for PostgreSQL see transactions.postgres.test.ts.
async function databaseInFolder() {
  const folder = temporaryFolder()
  const database = await temporarySqlite(thingMigrations, { folder })
  return { database, commits: () => commitsInLog(join(folder, 'test.db')) }
}

describe('Writes requested in one turn', () => {
  it('share one commit', async () => {
    const { database, commits } = await databaseInFolder()
    const before = commits()
    await Promise.all(['a', 'b', 'c', 'd'].map((name) => database.write((tx) => insertThing(tx, name))))
    expect(commits() - before).toBe(1)
    expect(await storedThings(database)).toEqual(['a', 'b', 'c', 'd'])
  })

  it('are committed separately in a later turn', async () => {
    const { database, commits } = await databaseInFolder()
    const before = commits()
    await database.write((tx) => insertThing(tx, 'a'))
    await database.write((tx) => insertThing(tx, 'b'))
    expect(commits() - before).toBe(2)
  })

  it('can have many statements, in every turn', async () => {
    const { database } = await databaseInFolder()
    for (const turn of ['1', '2', '3']) {
      await database.write(async (tx) => {
        for (let n = 0; n < 50; n++) await insertThing(tx, `${turn}-${n}`)
      })
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await storedThings(database)).toHaveLength(150)
  })

  it('resolve each with its own result', async () => {
    const { database } = await databaseInFolder()
    const answers = await Promise.all([
      database.write(async () => 'one'),
      database.write(async () => undefined),
      database.write((tx) => insertThing(tx, 'a')),
      database.write((tx) => tx.run("UPDATE things SET parent = NULL WHERE name = 'nobody'")),
      database.write((tx) => tx.get('SELECT name FROM things')),
    ])
    expect(answers).toEqual(['one', undefined, 1, 0, { name: 'a' }])
  })

  it('run when the turn ends, not before', async () => {
    const turns: (() => void)[] = []
    const system = { afterTurn: (callback: () => void) => void turns.push(callback) }
    const database = await temporarySqlite(thingMigrations, { system })
    const ran: string[] = []
    const first = database.write(async () => ran.push('first'))
    const second = database.write(async () => ran.push('second'))
    await new Promise((resolve) => setImmediate(resolve))
    expect(ran).toEqual([])
    expect(turns).toHaveLength(1)
    turns.shift()?.()
    await Promise.all([first, second])
    expect(ran).toEqual(['first', 'second'])
  })

  it('fail alone if one throws, and nothing of it is stored', async () => {
    const { database } = await databaseInFolder()
    const outcomes = await Promise.allSettled([
      database.write((tx) => insertThing(tx, 'before')),
      database.write(async (tx) => {
        await insertThing(tx, 'half')
        throw new Error('on purpose')
      }),
      database.write((tx) => insertThing(tx, 'after')),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(outcomes[1]).toMatchObject({ reason: { message: 'on purpose' } })
    expect(await storedThings(database)).toEqual(['after', 'before'])
  })

  it('fail alone if one throws before it returns a promise', async () => {
    const { database } = await databaseInFolder()
    const outcomes = await Promise.allSettled([
      database.write(() => {
        throw new Error('at once')
      }),
      database.write((tx) => insertThing(tx, 'after')),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
  })

  it('fail alone if a statement violates a constraint', async () => {
    const { database } = await databaseInFolder()
    const outcomes = await Promise.allSettled([
      database.write((tx) => insertThing(tx, 'same')),
      database.write(async (tx) => {
        await insertThing(tx, 'other')
        await insertThing(tx, 'same')
      }),
      database.write((tx) => insertThing(tx, 'last')),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(await storedThings(database)).toEqual(['last', 'same'])
  })

  it('all fail, with nothing stored, if one loses the transaction and hides it', async () => {
    const { database } = await databaseInFolder()
    const outcomes = await Promise.allSettled([
      database.write((tx) => insertThing(tx, 'before')),
      database.write(async (tx) => {
        await insertThing(tx, 'lost')
        await tx.run('ROLLBACK') // as a full disk does
      }),
      database.write((tx) => insertThing(tx, 'after')),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    expect(await storedThings(database)).toEqual([])
  })

  it('run once if none fails, and once more if one does', async () => {
    const { database, commits } = await databaseInFolder()
    const before = commits()
    const runs = { good: 0, bad: 0, alone: 0 }
    const good = () =>
      database.write(async (tx) => {
        runs.good += 1
        await insertThing(tx, `good ${runs.good}`)
      })
    const bad = (name: 'bad' | 'alone') =>
      database.write(async () => {
        runs[name] += 1
        throw new Error('on purpose')
      })
    await good()
    await Promise.allSettled([good(), bad('bad')])
    await bad('alone').catch(() => undefined)
    expect(runs).toEqual({ good: 3, bad: 2, alone: 1 })
    expect(await storedThings(database)).toEqual(['good 1', 'good 3'])
    expect(commits() - before).toBe(2)
  })

  it('all fail if the commit fails, and later ones succeed', async () => {
    const { database, commits } = await databaseInFolder()
    const before = commits()
    const outcomes = await Promise.allSettled([
      database.write((tx) => insertThing(tx, 'good')),
      database.write((tx) => insertThing(tx, 'orphan', 'nobody')), // found out by COMMIT
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(outcomes[0]).toMatchObject({ reason: { message: 'FOREIGN KEY constraint failed' } })
    expect(await storedThings(database)).toEqual([])
    expect(commits()).toBe(before)
    await database.write((tx) => insertThing(tx, 'next'))
    expect(await storedThings(database)).toEqual(['next'])
  })
})

describe('A write', () => {
  it('resolves after the commit', async () => {
    const { database } = await databaseInFolder()
    const seenByFirst = database.write((tx) => insertThing(tx, 'first')).then(() => storedThings(database))
    const second = database.write((tx) => insertThing(tx, 'second'))
    expect(await seenByFirst).toEqual(['first', 'second'])
    await second
  })

  it('is invisible to readers before the commit', async () => {
    const { database } = await databaseInFolder()
    const seen = await database.write(async (tx) => {
      await insertThing(tx, 'a')
      const inside = await tx.all('SELECT name FROM things')
      return { inside: inside.length, outside: (await storedThings(database)).length }
    })
    expect(seen).toEqual({ inside: 1, outside: 0 })
  })

  it('cannot be made by a read', async () => {
    const { database } = await databaseInFolder()
    await expect(database.read.get("INSERT INTO things (name) VALUES ('a')")).rejects.toThrow('readonly')
    expect(await storedThings(database)).toEqual([])
  })

  it('fails if it awaits a timer, stores nothing and blocks nobody', async () => {
    const { database } = await databaseInFolder()
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
    const { database } = await databaseInFolder()
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
    const { database } = await databaseInFolder()
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
    const { database } = await databaseInFolder()
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
    const { database } = await databaseInFolder()
    await database.close()
    const writes = [1, 2].map((n) => database.write((tx) => insertThing(tx, `late ${n}`)))
    const outcomes = await Promise.allSettled(writes)
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(outcomes[0]).toMatchObject({ reason: { message: 'the database is closed' } })
    await expect(database.read.get('SELECT 1')).rejects.toThrow()
  })
})
