import { chassisMigrations } from '@tandem/chassis/database/chassis-migrations'
import type { Queries } from '@tandem/chassis/database/database'
import { numberEvents } from '@tandem/chassis/database/postgres/number-events'
import { openPostgres } from '@tandem/chassis/database/postgres/open-postgres'
import { readPostgresSnapshot } from '@tandem/chassis/database/postgres/read-postgres-snapshot'
import { inPages } from '@tandem/chassis/database/snapshot'
import { appendEvent } from '@tandem/chassis/events/event-store'
import { OperatorError } from '@tandem/chassis/failure'
import { eventRecords } from '@tandem/chassis/operations/event-records-store'
import { realSystem as system } from '@tandem/chassis/system'
import { collect } from '../../testing/collect'
import { afterThisTest, eventually, temporaryFolder } from '../../testing/temporary'
import { databaseUrlIn } from '../../testing/temporary-database'
import { insertThing, thingMigrations } from '../../testing/things'

const sql = 'SELECT name FROM things WHERE name > ? ORDER BY name LIMIT ?'
const things = (queries: Queries) => inPages<{ name: string }>(queries, sql, '', ({ name }) => name)

async function opened(migrations = thingMigrations) {
  const url = await databaseUrlIn(temporaryFolder())
  const database = await openPostgres({ url, migrations, system })
  afterThisTest(() => database.close())
  return { url, database }
}

function snapshot<T>(url: string, read: (queries: Queries) => AsyncIterable<T>) {
  return readPostgresSnapshot({ url, applicationName: 'snapshot-test' }, read)
}

describe('A snapshot of PostgreSQL', () => {
  it('contains what was stored when its first row was read, over several pages, while the service goes on writing', async () => {
    const { url, database } = await opened()
    await database.write((tx) => tx.run("INSERT INTO things SELECT 'thing ' || n FROM generate_series(1000, 3000) n"))
    const read: string[] = []
    for await (const { name } of snapshot(url, things)) {
      if (read.length === 0) await database.write((tx) => insertThing(tx, 'thing that came later'))
      read.push(name)
    }
    expect(read).toEqual(Array.from({ length: 2001 }, (_, i) => `thing ${1000 + i}`))
    expect(await database.read.get('SELECT COUNT(*) AS count FROM things')).toEqual({ count: 2002 })
  })

  it('cannot write, and no time-out of the role or the database ends it', async () => {
    const { url } = await opened()
    const limited = new URL(url)
    const names = ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout']
    const options = names.map((name) => `-c ${name}=50`).join(' ')
    limited.searchParams.set('options', `${limited.searchParams.get('options')} ${options}`)
    const settings = (queries: Queries) =>
      queries.all<{ value: string }>(
        `SELECT name || ' ' || setting AS value FROM pg_settings
         WHERE name IN ('transaction_read_only', 'transaction_isolation') OR name LIKE '%_timeout' AND setting = '50'
         ORDER BY name`,
      )
    const read = snapshot(limited.href, async function* (queries) {
      yield* await settings(queries)
    })
    expect((await collect(read)).map(({ value }) => value)).toEqual([
      'transaction_isolation repeatable read',
      'transaction_read_only on',
    ])
  })

  it('closes its connection, also if its reader stops early', async () => {
    const { url, database } = await opened()
    await database.write((tx) => insertThing(tx, 'a'))
    for await (const { name } of snapshot(url, things)) if (name === 'a') break
    const left = "SELECT pid FROM pg_stat_activity WHERE application_name = 'snapshot-test'"
    await eventually(async () => (await database.read.all(left)).length === 0)
  })

  it('is refused if no service has used the database, or if the server refuses the role', async () => {
    const url = await databaseUrlIn(temporaryFolder())
    await expect(collect(snapshot(url, things))).rejects.toEqual(
      new OperatorError('this database was not made by a service'),
    )
    const wrong = new URL(url)
    wrong.password = 'wrong'
    const error: unknown = await collect(snapshot(wrong.href, things)).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(OperatorError)
    expect(String(error)).toMatch(/the database cannot be used: password authentication failed/)
  })
})

test('the records of a log end with the events that have no number yet', async () => {
  const { url, database } = await opened([...chassisMigrations])
  const append = (subject: string) => ({ type: 'thing.done', subject, data: { name: subject } })
  await database.write((tx) => appendEvent(tx, system, append('numbered')))
  await numberEvents(database)
  for (const subject of ['later', 'last']) await database.write((tx) => appendEvent(tx, system, append(subject)))
  const records = (await collect(snapshot(url, eventRecords))) as { sequence: number | null; subject: string }[]
  expect(records.map(({ sequence, subject }) => [sequence, subject])).toEqual([
    [1, 'numbered'],
    [null, 'later'],
    [null, 'last'],
  ])
  expect(records[2]).toMatchObject({ kind: 'event', type: 'thing.done', data: { name: 'last' } })
})
