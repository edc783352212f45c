import { createHash } from 'node:crypto'
import { Client, Pool } from 'pg'
import type { Database, Queries } from '@tandem/chassis/database/database'
import type { Migration } from '@tandem/chassis/database/migrations'
import { openDatabase } from '@tandem/chassis/database/open'
import { soleLease } from '@tandem/chassis/database/sole-lease'
import { numberEvents } from '@tandem/chassis/database/postgres/number-events'
import { realSystem } from '@tandem/chassis/system'

/** `postgres://…` of a server on which tests may create databases: then they run on it instead of SQLite. */
export const testServer = process.env.TEST_DATABASE_URL

let pending = 0

/** How many queries of temporary databases are under way. */
export function pendingQueries(): number {
  return pending
}

async function tracked<T>(query: Promise<T>): Promise<T> {
  pending += 1
  try {
    return await query
  } finally {
    pending -= 1
  }
}

/**
 * The URL of what counts as a database of its own: a schema, made if there is none, which takes a tenth of the time that a
 * database takes. It is in the database of this worker of Jest.
 */
export async function createDatabase(server: string, key: string): Promise<{ url: string; drop: () => Promise<void> }> {
  const schema = `t_${createHash('sha256').update(key).digest('hex').slice(0, 20)}`
  const worker = await (own ??= openWorker(server))
  await worker.pool.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`)
  const url = new URL(worker.url)
  url.searchParams.set('options', `-c search_path=${schema}`)
  const drop = async () => {
    await worker.pool.query(`DROP SCHEMA ${schema} CASCADE`)
  }
  return { url: url.href, drop }
}

let own: Promise<{ url: string; pool: Pool }> | undefined

/** The database of this worker of Jest, for all of the test file. */
async function openWorker(server: string): Promise<{ url: string; pool: Pool }> {
  const name = `worker_${process.env.JEST_WORKER_ID ?? '0'}`
  const client = new Client({ connectionString: server })
  await client.connect()
  await client.query(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'`).catch(unlessThere)
  await client.end()
  const url = new URL(name, server).href
  return { url, pool: new Pool({ connectionString: url, max: 1, idleTimeoutMillis: 500, allowExitOnIdle: true }) }
}

function unlessThere(error: unknown): void {
  const { code } = error as { code?: string }
  if (code !== '42P04' && code !== '23505') throw error // the second one if another test of this worker makes it just now
}

/** For tests that take the table away. */
function unlessMissing(error: unknown): void {
  if ((error as { code?: string }).code !== '42P01') throw error
}

/** Events have their numbers when a write resolves, as on SQLite: nothing numbers them in the background. */
export async function openNumbering(url: string, migrations: readonly Migration[]): Promise<Database> {
  const database = await openDatabase({ url, root: '/', migrations, system: realSystem })
  const hasEvents = migrations.some(({ name }) => name.startsWith('chassis-1'))
  const listeners: (() => void)[] = []
  const read: Queries = {
    get: (...given) => tracked(database.read.get(...given)),
    all: (...given) => tracked(database.read.all(...given)),
  }
  return {
    ...database,
    read,
    write: (unit) =>
      tracked(
        database.write(unit).then(async (value) => {
          if (hasEvents) await numberEvents(database).catch(unlessMissing)
          for (const listener of listeners) listener()
          return value
        }),
      ),
    onChange: (listener) => {
      listeners.push(listener)
    },
    lease: () => soleLease,
  }
}
