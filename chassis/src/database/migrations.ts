import { createHash } from 'node:crypto'
import { OperatorError } from '../failure'
import type { Queries, Transaction } from './database'
import type { SqliteConnection } from './sqlite-connection'

export interface Migration {
  /** Must never change or be reused after a release. */
  name: string
  sql: string
  /** The database that needs it; without it, both do. */
  only?: 'postgres'
  /**
   * Whether earlier versions work with it as before, so that they can run side by side with this one: it adds tables,
   * indexes, or columns with a default.
   */
  additive?: true
}

export const migrationsTable = 'CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, checksum TEXT NOT NULL)'

interface Applied {
  name: string
  checksum: string
}

export function forSqlite(migrations: readonly Migration[]): readonly Migration[] {
  return migrations.filter(({ only }) => only === undefined)
}

/**
 * Migrates in one transaction. Refuses a database whose migrations were edited since, or that a newer version has changed by
 * more than additive migrations.
 */
export async function migrate(connection: SqliteConnection, migrations: readonly Migration[]): Promise<void> {
  connection.script(migrationsTable)
  connection.script('BEGIN IMMEDIATE')
  try {
    await applyTo(connection, forSqlite(migrations), async (sql) => {
      connection.script(sql)
    })
    connection.script('COMMIT')
  } catch (error) {
    if (connection.inTransaction) connection.script('ROLLBACK')
    throw error
  }
}

/** Within a transaction that holds the lock of migrations. `run` runs several statements. */
export async function applyTo(
  tx: Transaction,
  migrations: readonly Migration[],
  run: (sql: string) => Promise<void>,
): Promise<void> {
  const applied = await appliedTo(tx)
  verify(applied, migrations)
  const done = new Set(applied.map(({ name }) => name))
  for (const migration of migrations.filter(({ name }) => !done.has(name))) {
    await run(migration.sql)
    await tx.run('INSERT INTO migrations (name, checksum) VALUES (?, ?)', migration.name, checksum(migration))
  }
}

/** Throws unless these migrations made the database; later ones may be missing. */
export async function assertMigratedBy(connection: SqliteConnection, migrations: readonly Migration[]): Promise<void> {
  const [table] = await connection.all(`SELECT 1 FROM sqlite_schema WHERE name = 'migrations'`)
  if (table === undefined) throw new OperatorError('this database was not made by a service')
  verify(await appliedTo(connection), migrations)
}

/** Throws if the database cannot be read. */
export async function pingDatabase(queries: Queries): Promise<void> {
  await queries.get('SELECT name FROM migrations LIMIT 1')
}

function appliedTo(queries: Queries): Promise<Applied[]> {
  return queries.all<Applied>('SELECT name, checksum FROM migrations')
}

function verify(applied: Applied[], migrations: readonly Migration[]): void {
  const known = new Map(migrations.map((migration) => [migration.name, checksum(migration)]))
  for (const { name, checksum: found } of applied) {
    if (!known.has(name) && found.startsWith(ofAdditive)) continue
    if (!known.has(name))
      throw new OperatorError(`the database has a migration that this version does not have: ${name}`)
    if (known.get(name) !== found)
      throw new OperatorError(`migration ${name} differs from the one that made this database`)
  }
}

/** So a version that does not have the migration can tell. */
const ofAdditive = 'additive-'

function checksum({ sql, additive }: Migration): string {
  return `${additive ? ofAdditive : ''}${createHash('sha256').update(sql).digest('hex')}`
}
