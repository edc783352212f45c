import { join } from 'node:path'
import type { Migration } from '@tandem/chassis/database/migrations'
import { openDatabase } from '@tandem/chassis/database/open'
import { chassisMigrations } from '@tandem/chassis/database/chassis-migrations'
import { OperatorError } from '@tandem/chassis/failure'
import { realSystem } from '@tandem/chassis/system'
import { temporaryFolder } from '../../testing/temporary'
import { temporaryDatabase } from '../../testing/temporary-database'
import { temporarySqlite } from '../../testing/temporary-sqlite'

const first: Migration = { name: 'first', sql: 'CREATE TABLE first (n INTEGER); INSERT INTO first VALUES (1)' }
const second: Migration = { name: 'second', sql: 'CREATE TABLE second (n INTEGER)' }

// On SQLite: for PostgreSQL see open.postgres.test.ts.
async function brought(folder: string, migrations: Migration[]) {
  const database = await temporarySqlite(migrations, { folder })
  const names = await database.read.all<{ name: string }>('SELECT name FROM migrations ORDER BY name')
  const rows = await database.read.all('SELECT n FROM first')
  await database.close()
  return { names: names.map(({ name }) => name), rows: rows.length }
}

const open = (folder: string, migrations: Migration[]) =>
  openDatabase({ url: 'sqlite:test.db', root: folder, migrations, system: realSystem })

describe('Migrations', () => {
  it('are applied once, even over many starts', async () => {
    const folder = temporaryFolder()
    await brought(folder, [first])
    expect(await brought(folder, [first])).toEqual({ names: ['first'], rows: 1 })
  })

  it('are applied to a database that lacks the newer ones', async () => {
    const folder = temporaryFolder()
    await brought(folder, [first])
    expect(await brought(folder, [first, second])).toEqual({ names: ['first', 'second'], rows: 1 })
  })

  it('are refused if an applied one was edited since', async () => {
    const folder = temporaryFolder()
    await brought(folder, [first])
    const changed = { ...first, sql: first.sql.replace('1', '2') }
    await expect(open(folder, [changed])).rejects.toThrow(
      new OperatorError('migration first differs from the one that made this database'),
    )
    expect(await brought(folder, [first])).toEqual({ names: ['first'], rows: 1 })
  })

  it('are refused if a newer version made the database', async () => {
    const folder = temporaryFolder()
    await brought(folder, [first, second])
    await expect(open(folder, [first])).rejects.toThrow(
      new OperatorError('the database has a migration that this version does not have: second'),
    )
  })

  it('are accepted if those of a newer version are additive, and stay applied', async () => {
    const folder = temporaryFolder()
    const additive: Migration = { ...second, additive: true }
    await brought(folder, [first, additive])
    expect(await brought(folder, [first])).toEqual({ names: ['first', 'second'], rows: 1 })
    expect(await brought(folder, [first, additive])).toEqual({ names: ['first', 'second'], rows: 1 })
  })

  it('are refused if an additive one was edited since', async () => {
    const folder = temporaryFolder()
    await brought(folder, [first, { ...second, additive: true }])
    const changed: Migration = { ...second, sql: 'CREATE TABLE second (m INTEGER)', additive: true }
    await expect(open(folder, [first, changed])).rejects.toThrow('migration second differs from')
  })

  it('are applied all or none: a failure rolls back those before it', async () => {
    const folder = temporaryFolder()
    await brought(folder, [first])
    const broken = { name: 'third', sql: 'CREATE TABLE third (n INTEGER); INSERT INTO nowhere VALUES (1)' }
    const failing = open(folder, [first, second, broken])
    await expect(failing).rejects.toThrow(OperatorError)
    await expect(failing).rejects.toThrow(
      `the database ${join(folder, 'test.db')} cannot be used: no such table: nowhere`,
    )
    const database = await temporarySqlite([first], { folder })
    const tables = await database.read.all("SELECT name FROM sqlite_schema WHERE name IN ('second', 'third')")
    expect(tables).toEqual([])
  })

  it('of the chassis can be applied', async () => {
    const database = await temporaryDatabase(chassisMigrations)
    expect(await database.read.all('SELECT sequence, id, type, subject, time, data FROM events')).toEqual([])
    expect(await database.read.all('SELECT kid, private_jwk, created_at FROM signing_keys')).toEqual([])
    expect(await database.read.all('SELECT issuer, jwks, fetched_at FROM trusted_key_sets')).toEqual([])
  })
})
