import { Client } from 'pg'
import type { Database } from '@tandem/chassis/database/database'
import { openPostgres } from '@tandem/chassis/database/postgres/open-postgres'
import { DatabaseUnavailable, isUnavailable } from '@tandem/chassis/database/unavailable'
import { realSystem as system } from '@tandem/chassis/system'
import { createDatabase, testServer } from '../../testing/postgres'
import { afterThisTest } from '../../testing/temporary'

const migrations = [
  { name: 'accounts', sql: 'CREATE TABLE accounts (id TEXT PRIMARY KEY, cents BIGINT NOT NULL CHECK (cents >= 0))' },
]

const applicationName = 'transactions-test'

async function withAccounts(...ids: string[]): Promise<{ database: Database; url: string }> {
  const { url, drop } = await createDatabase(testServer!, system.newId())
  afterThisTest(drop)
  const database = await openPostgres({ url, migrations, system, postgres: { applicationName } })
  afterThisTest(() => database.close())
  for (const id of ids) await database.write((tx) => tx.run('INSERT INTO accounts VALUES (?, 10)', id))
  return { database, url }
}

/** Resolves for all who wait once so many do. */
function meetingOf(count: number): () => Promise<void> {
  const waiting: (() => void)[] = []
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve)
      if (waiting.length === count) for (const go of waiting) go()
    })
}

/** Ends the connections of the database under test, as a restart of the server does. */
async function endConnections(url: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  const text = 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1'
  await client.query(text, [applicationName])
  await client.end()
}

describe('A unit on PostgreSQL', () => {
  it('is run again if it and another one wait for each other', async () => {
    const { database } = await withAccounts('a', 'b')
    const bothHaveOne = meetingOf(2)
    let runs = 0
    const move = (from: string, to: string) =>
      database.write(async (tx) => {
        runs += 1
        await tx.run('UPDATE accounts SET cents = cents - 1 WHERE id = ?', from)
        if (runs <= 2) await bothHaveOne()
        await tx.run('UPDATE accounts SET cents = cents + 1 WHERE id = ?', to)
      })
    await Promise.all([move('a', 'b'), move('b', 'a')])
    expect(runs).toBe(3)
    expect(await database.read.all('SELECT id, cents FROM accounts ORDER BY id')).toEqual([
      { id: 'a', cents: 10 },
      { id: 'b', cents: 10 },
    ])
  })

  it('is run again, and finds the row, if another one has just inserted the same key', async () => {
    const { database } = await withAccounts()
    const bothHaveLooked = meetingOf(2)
    let runs = 0
    const ensure = () =>
      database.write(async (tx) => {
        runs += 1
        const found = await tx.get("SELECT id FROM accounts WHERE id = 'a'")
        if (runs <= 2) await bothHaveLooked()
        if (!found) await tx.run("INSERT INTO accounts VALUES ('a', 1)")
        return found === undefined
      })
    expect((await Promise.all([ensure(), ensure()])).sort()).toEqual([false, true])
  })

  it('gives up after five tries', async () => {
    const { database } = await withAccounts('a')
    let runs = 0
    const failing = database.write(async (tx) => {
      runs += 1
      await tx.run("INSERT INTO accounts VALUES ('a', 1)")
    })
    await expect(failing).rejects.toThrow(/unique/)
    expect(runs).toBe(5)
  })

  it('stores nothing, and says so, if it swallows the error of a statement', async () => {
    const { database } = await withAccounts('a')
    const swallowing = database.write(async (tx) => {
      await tx.run("UPDATE accounts SET cents = 5 WHERE id = 'a'")
      await tx.run("UPDATE accounts SET cents = -1 WHERE id = 'a'").catch(() => undefined)
    })
    await expect(swallowing).rejects.toThrow('COMMIT was a ROLLBACK')
    expect(await database.read.get('SELECT cents FROM accounts')).toEqual({ cents: 10 })
  })

  it('is unavailable if its connection is lost, stores nothing, and the next one succeeds', async () => {
    const { database, url } = await withAccounts('a')
    const lost = database.write(async (tx) => {
      await tx.run("UPDATE accounts SET cents = 5 WHERE id = 'a'")
      await endConnections(url)
      await tx.run("UPDATE accounts SET cents = 6 WHERE id = 'a'")
    })
    await expect(lost).rejects.toThrow(DatabaseUnavailable)
    expect(await database.read.get('SELECT cents FROM accounts')).toEqual({ cents: 10 })
    await database.write((tx) => tx.run("UPDATE accounts SET cents = 7 WHERE id = 'a'"))
    expect(await database.read.get('SELECT cents FROM accounts')).toEqual({ cents: 7 })
  })

  it('survives the loss of a connection between two statements', async () => {
    const { database, url } = await withAccounts('a')
    const lost = database.write(async (tx) => {
      await tx.get('SELECT 1 AS one')
      await endConnections(url)
      await new Promise((resolve) => setTimeout(resolve, 200)) // the connection is told that it has ended
    })
    const error: unknown = await lost.catch((reason: unknown) => reason)
    expect(isUnavailable(error)).toBe(true)
  })
})

describe('A number from PostgreSQL', () => {
  it('is a number if it was a BIGINT or a count', async () => {
    const { database } = await withAccounts('a')
    expect(await database.read.get('SELECT cents, (SELECT COUNT(*) FROM accounts) AS n FROM accounts')).toEqual({
      cents: 10,
      n: 1,
    })
  })

  it('is an error if a number cannot hold it exactly', async () => {
    const { database } = await withAccounts()
    await expect(database.read.get('SELECT 9007199254740993::bigint AS big')).rejects.toThrow('beyond what a number')
  })

  it('is an error if it is a NUMERIC, which would come as a text', async () => {
    const { database } = await withAccounts('a')
    await expect(database.read.get('SELECT SUM(cents) AS sum FROM accounts')).rejects.toThrow('cast it to BIGINT')
  })
})
