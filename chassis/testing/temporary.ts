import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '@tandem/chassis/database/open'
import type { Database, Queries } from '@tandem/chassis/database/database'
import type { Migration } from '@tandem/chassis/database/migrations'
import { readPostgresSnapshot } from '@tandem/chassis/database/postgres/read-postgres-snapshot'
import { readSnapshot } from '@tandem/chassis/database/snapshot'
import { createDatabase, openNumbering, testServer } from './postgres'
import { realSystem, type System } from '@tandem/chassis/system'

type CleanUp = () => unknown
const cleanUps: CleanUp[] = []

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

/** Done after the test, the last one first. */
export function afterThisTest(cleanUp: CleanUp): void {
  cleanUps.push(cleanUp)
}

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-test-'))
  afterThisTest(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  return folder
}

interface DatabaseOptions {
  system?: Pick<System, 'afterTurn'>
  /** The same folder is the same database. */
  folder?: string
}

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

/** As temporaryDatabase, for tests of what only SQLite has: the file `test.db` in the folder. */
export async function temporarySqlite(
  migrations: readonly Migration[],
  { system = realSystem, folder = temporaryFolder() }: DatabaseOptions = {},
): Promise<Database> {
  const url = 'sqlite:test.db'
  return closedAfterThisTest(
    await openDatabase({ url, root: folder, migrations, system: { ...realSystem, ...system } }),
  )
}

/** Closes it then, unless the test has. */
export function closedAfterThisTest(database: Database): Database {
  let closed = false
  const close = async () => {
    if (!closed) await database.close()
    closed = true
  }
  afterThisTest(close)
  return { ...database, close }
}

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

/** Waits until the condition holds; fails after five seconds, unless it is given more. */
export async function eventually<T>(
  condition: () => Promise<T | undefined> | T | undefined,
  withinMs = 5000,
): Promise<T> {
  const end = performance.now() + withinMs
  for (;;) {
    const found = await condition()
    if (found !== undefined && found !== false) return found
    if (performance.now() > end)
      throw new Error(`it did not happen within ${withinMs / 1000} s: ${condition.toString()}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
