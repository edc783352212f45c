import { join } from 'node:path'
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
