import { join } from 'node:path'
import type { Database, Queries } from '@tandem/chassis/database/database'
import type { Migration } from '@tandem/chassis/database/migrations'
import { readPostgresSnapshot } from '@tandem/chassis/database/postgres/read-postgres-snapshot'
import { readSnapshot } from '@tandem/chassis/database/snapshot'
import { realSystem } from '@tandem/chassis/system'
import { createDatabase, openNumbering, testServer } from './postgres'
import { afterThisTest, temporaryFolder } from './temporary'
import { closedAfterThisTest, temporarySqlite, type DatabaseOptions } from './temporary-sqlite'

// `npm run test:postgres` runs the tests that import this, and those that import postgres.ts themselves.

/** A real database of its own for the test, on PostgreSQL if TEST_DATABASE_URL is given; closed and gone afterwards. */
export async function temporaryDatabase(
  migrations: readonly Migration[],
  { system = realSystem, folder = temporaryFolder() }: DatabaseOptions = {},
): Promise<Database> {
  if (testServer === undefined) return temporarySqlite(migrations, { system, folder })
  return closedAfterThisTest(await openNumbering(await databaseUrlIn(folder), migrations))
}

/** The `DATABASE_URL` of temporaryDatabase in the folder, for a service or a process that opens it itself. */
export async function databaseUrlIn(folder: string): Promise<string> {
  if (testServer === undefined) return `sqlite:${join(folder, 'test.db')}`
  const { url, drop } = await createDatabase(testServer, folder)
  if (!created.has(folder)) afterThisTest(drop)
  created.add(folder)
  return url
}

/** The folders that have a database on PostgreSQL. */
const created = new Set<string>()

/** Reads what is stored in the database of the folder, which a service may have open. */
export async function storedIn<T>(folder: string, read: (queries: Queries) => Promise<T>): Promise<T> {
  const once = async function* (queries: Queries) {
    yield await read(queries)
  }
  const snapshot =
    testServer === undefined
      ? readSnapshot(join(folder, 'test.db'), once)
      : readPostgresSnapshot({ url: await databaseUrlIn(folder), applicationName: 'test' }, once)
  for await (const found of snapshot) return found
  throw new Error('a snapshot ended before it began')
}
