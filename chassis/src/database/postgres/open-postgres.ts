import { setTimeout as pause } from 'node:timers/promises'
import { Client, type Pool } from 'pg'
import { OperatorError } from '../../failure'
import { silentLog, type Log } from '../../log'
import type { System } from '../../system'
import type { Database } from '../database'
import { applyTo, migrationsTable, type Migration } from '../migrations'
import { DatabaseUnavailable } from '../unavailable'
import { ChangeListener } from './change-listener'
import { PostgresConnection } from './connection'
import { withPassword } from '../../url-password'
import { classified } from './errors'
import { LeaseKeeper } from './lease-keeper'
import { makePool } from './pool'
import { inTransaction } from './transactions'

const maxWaitMs = 60_000
const retryMs = 500
// Any number: it is the lock of those who migrate the same database.
const migrationLock = 7_261_001

interface Options {
  url: string
  migrations: readonly Migration[]
  system: Pick<System, 'setTimeout' | 'clearTimeout' | 'monotonic'>
  log?: Log
  postgres?: PostgresOptions
}

export interface PostgresOptions {
  /** What PostgreSQL calls this process, in its own lists. */
  applicationName?: string
  /** How many connections there may be at once. */
  poolSize?: number
  /** A file with the password, instead of one in the URL. */
  passwordFile?: string | undefined
}

/** Waits for the server up to a minute, and migrates. Throws an OperatorError if it cannot be used. */
export async function openPostgres({
  url: given,
  migrations,
  system,
  log = silentLog,
  postgres: { applicationName = 'tandem', poolSize = 10, passwordFile } = {},
}: Options): Promise<Database> {
  const url = withPassword(given, { file: passwordFile, variable: 'DATABASE_PASSWORD_FILE' })
  try {
    await whenReachable(system, log, () => prepare(url, migrations))
  } catch (error) {
    if (error instanceof OperatorError) throw error
    throw new OperatorError(`the database cannot be used: ${(error as Error).message}`, { cause: error })
  }
  const pool = makePool({ connectionString: url, application_name: applicationName, max: poolSize }, log)
  const listener = new ChangeListener(url, system, log)
  const leases = new LeaseKeeper(url, system, log)
  const listeners: ((units: number) => void)[] = []
  return {
    isConcurrent: true,
    read: readsOf(pool),
    write: async (unit) => {
      const value = await inTransaction(pool, unit)
      for (const told of listeners) told(1)
      return value
    },
    onCommit: (told) => {
      listeners.push(told)
    },
    onChange: (told) => {
      listener.add(told)
    },
    lease: (name) => leases.add(name),
    close: async () => {
      await listener.stop()
      await leases.stop()
      await pool.end()
    },
  }
}

function readsOf(pool: Pool): Database['read'] {
  const connection = new PostgresConnection(pool)
  const classify = (error: unknown) => {
    throw classified(error)
  }
  return {
    get: (sql, ...values) => connection.get<never>(sql, ...values).catch(classify),
    all: (sql, ...values) => connection.all<never>(sql, ...values).catch(classify),
  }
}

async function whenReachable(system: Pick<System, 'monotonic'>, log: Log, use: () => Promise<void>): Promise<void> {
  const deadline = system.monotonic() + maxWaitMs
  for (let tries = 1; ; tries++) {
    try {
      await use()
      return
    } catch (error) {
      const fault = classified(error)
      if (!(fault instanceof DatabaseUnavailable) || system.monotonic() > deadline) throw error
      if (tries === 1) log.warn({ reason: fault.message }, 'waiting for the database')
      await pause(retryMs)
    }
  }
}

/** Checks the settings that durability and the order of texts depend on, and migrates. */
async function prepare(url: string, migrations: readonly Migration[]): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 3000 })
  client.on('error', () => undefined) // the query that is running reports it
  try {
    await client.connect()
    await verify(client)
    await client.query('BEGIN')
    await client.query('SELECT pg_advisory_xact_lock($1)', [migrationLock])
    await client.query(migrationsTable)
    await applyTo(new PostgresConnection(client), migrations, async (sql) => {
      await client.query(sql)
    })
    await client.query('COMMIT')
  } finally {
    await client.end()
  }
}

async function verify(client: Client): Promise<void> {
  const { rows } = await client.query<Record<string, string>>(
    `SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS synchronous_commit,
       current_setting('full_page_writes') AS full_page_writes, current_setting('server_encoding') AS encoding,
       current_setting('server_version_num') AS version, datcollate AS collation, datlocprovider AS provider
     FROM pg_database WHERE datname = current_database()`,
  )
  const found = rows[0] ?? {}
  if (Number(found.version) < 150_000) throw new OperatorError('PostgreSQL is older than 15')
  const rules: [string, RegExp, string][] = [
    ['fsync', /^on$/, 'on'],
    ['full_page_writes', /^on$/, 'on'],
    ['synchronous_commit', /^(?!off$)/, 'on'],
    ['encoding', /^UTF8$/, 'UTF8'],
    ['provider', /^[cb]$/, 'c (libc)'], // ICU would sort in its own way
    ['collation', /^(C|POSIX|C\.UTF-?8)$/i, 'C'], // ids are compared as SQLite does, byte by byte
  ]
  for (const [setting, allowed, required] of rules) {
    const value = found[setting] ?? ''
    if (!allowed.test(value))
      throw new OperatorError(`PostgreSQL has ${setting} = ${value}, but ${required} is required`)
  }
}
