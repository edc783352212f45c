import { Client } from 'pg'
import type { Database } from '@tandem/chassis/database/database'
import type { Migration } from '@tandem/chassis/database/migrations'
import { openPostgres } from '@tandem/chassis/database/postgres/open-postgres'
import { makePool } from '@tandem/chassis/database/postgres/pool'
import type { Use } from '@tandem/chassis/database/postgres/use-lock'
import { DatabaseUnavailable } from '@tandem/chassis/database/unavailable'
import { OperatorError } from '@tandem/chassis/failure'
import { silentLog } from '@tandem/chassis/log'
import { realSystem as system } from '@tandem/chassis/system'
import { testServer } from '../../testing/postgres'
import { afterThisTest, eventually, temporaryFolder } from '../../testing/temporary'
import { databaseUrlIn } from '../../testing/temporary-database'
import { closedAfterThisTest } from '../../testing/temporary-sqlite'
import { readableLog } from '../../testing/test-app'
import { insertThing, storedThings, thingMigrations } from '../../testing/things'

async function usesOfOneDatabase() {
  const url = await databaseUrlIn(temporaryFolder())
  const { log, lines } = readableLog()
  const open = async (use: Use, applicationName: string, migrations = thingMigrations) => {
    const postgres = { use, applicationName, poolSize: 4 }
    return closedAfterThisTest(
      await openPostgres({ url, migrations, system, log, postgres, mustExist: use === 'exclusive' }),
    )
  }
  return {
    url,
    lines,
    openService: (migrations?: readonly Migration[]) => open('shared', 'tea-service', migrations),
    openCommand: () => open('exclusive', 'tea-service reconcile'),
  }
}

function write(database: Database, name: string): Promise<number> {
  return database.write((tx) => insertThing(tx, name))
}

/** Ends the connections of a process, as a restart of the server does. */
async function loseConnections(applicationName: string): Promise<void> {
  const client = new Client({ connectionString: testServer })
  await client.connect()
  const found = 'FROM pg_stat_activity WHERE application_name = $1'
  await client.query(`SELECT pg_terminate_backend(pid) ${found}`, [applicationName])
  await eventually(async () => (await client.query(`SELECT pid ${found}`, [applicationName])).rowCount === 0)
  await client.end()
}

describe('A command that must use a database alone', () => {
  it('is refused within seconds beside a service, names it, and does not hinder it meanwhile', async () => {
    const { openService, openCommand } = await usesOfOneDatabase()
    const service = await openService()
    await write(service, 'a')
    const opening = openCommand().catch((reason: unknown) => reason)
    for (const round of [1, 2, 3]) {
      await Promise.all([1, 2, 3, 4].map((i) => service.write((tx) => insertThing(tx, `${round} ${i}`))))
      await loseConnections('nobody') // takes a while
    }
    const error = await opening
    expect(error).toBeInstanceOf(OperatorError)
    expect((error as Error).message).toMatch(/^the database is in use by tea-service \([\d.:a-f]+\)$/)
  })

  it('begins as soon as the service has ended', async () => {
    const { openService, openCommand } = await usesOfOneDatabase()
    const service = await openService()
    await write(service, 'a')
    const opening = openCommand()
    await service.close()
    const command = await opening
    await Promise.all(['b', 'c'].map((name) => write(command, name)))
    expect(await storedThings(command)).toEqual(['a', 'b', 'c'])
  })

  it('is refused if no service has used the database, and makes nothing there', async () => {
    const { openCommand, openService } = await usesOfOneDatabase()
    await expect(openCommand()).rejects.toThrow(new OperatorError('this database was not made by a service'))
    expect(await storedThings(await openService())).toEqual([])
  })

  it('lets a service that has lost its connections write nothing until it has ended', async () => {
    const { openService, openCommand } = await usesOfOneDatabase()
    const service = await openService()
    await write(service, 'a')
    await loseConnections('tea-service')
    const command = await openCommand()
    const refused: unknown = await write(service, 'b').catch((reason: unknown) => reason)
    expect(refused).toBeInstanceOf(DatabaseUnavailable)
    expect(String(refused)).toContain('the database is in use by tea-service reconcile')
    await expect(storedThings(service)).rejects.toThrow(DatabaseUnavailable)
    await write(command, 'c')
    await command.close()
    await eventually(() => write(service, 'd').catch(() => undefined))
    expect(await storedThings(service)).toEqual(['a', 'c', 'd'])
  })

  it('lets a service that is started wait until it has ended, and migrate then', async () => {
    const { openService, openCommand, lines } = await usesOfOneDatabase()
    await (await openService()).close()
    const command = await openCommand()
    const later = { name: 'later', sql: "INSERT INTO things VALUES ('z')" }
    const starting = openService([...thingMigrations, later])
    await eventually(() => lines.some(({ msg }) => msg === 'waiting for the database'))
    await write(command, 'a')
    expect(await storedThings(command)).toEqual(['a'])
    await command.close()
    expect(await storedThings(await starting)).toEqual(['a', 'z'])
    expect(lines[0]).toMatchObject({ reason: expect.stringContaining('is in use by tea-service reconcile') as string })
  })

  it('writes nothing more if it has lost its connection and a service was started since', async () => {
    const { openService, openCommand } = await usesOfOneDatabase()
    await (await openService()).close()
    const command = await openCommand()
    await write(command, 'a')
    await loseConnections('tea-service reconcile')
    const service = await openService()
    await expect(write(command, 'b')).rejects.toThrow(/^the database is in use by tea-service/)
    expect(await storedThings(service)).toEqual(['a'])
  })
})

test('a process that is idle keeps one connection, so that it still counts as there', async () => {
  const { url } = await usesOfOneDatabase()
  const pool = makePool({ connectionString: url, max: 2 }, { use: 'shared', log: silentLog })
  afterThisTest(() => pool.end())
  pool.options.idleTimeoutMillis = 50
  await Promise.all([1, 2].map(() => pool.query('SELECT pg_sleep(0.01)')))
  await eventually(() => pool.totalCount < 2)
  expect(pool.totalCount).toBe(1)
})
