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
import { mustBeOfService } from './read-postgres-snapshot'
import { inTransaction } from './transactions'
import { takeUseLock, type Use } from './use-lock'
import { verifySettings } from './verify-settings'

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
  /** See openDatabase. */
  mustExist?: boolean | undefined
}

export interface PostgresOptions {
  /** What PostgreSQL calls this process, in its own lists. */
  applicationName?: string
  /** How many connections there may be at once. */
  poolSize?: number
  /** A file with the password, instead of one in the URL. */
  passwordFile?: string | undefined
  /** Whether others may use the database meanwhile. */
  use?: Use
}

/** Waits for the server up to a minute, and migrates. Throws an OperatorError if it cannot be used. */
export async function openPostgres({
  url: given,
  migrations,
  system,
  log = silentLog,
  mustExist,
  postgres: { applicationName = 'tandem', poolSize = 10, passwordFile, use = 'shared' } = {},
}: Options): Promise<Database> {
  const url = withPassword(given, { file: passwordFile, variable: 'DATABASE_PASSWORD_FILE' })
  const pool = makePool({ connectionString: url, application_name: applicationName, max: poolSize }, { use, log })
  try {
    await whenReachable(system, log, async () => {
      await prepare({ url, applicationName, migrations, mustExist, use })
      await pool.query('SELECT 1') // its first connection has the lock from now on
    })
  } catch (error) {
    await pool.end()
    if (error instanceof OperatorError) throw error
    throw new OperatorError(`the database cannot be used: ${(error as Error).message}`, { cause: error })
  }
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
    poolUse: () => ({
      used: pool.totalCount - pool.idleCount,
      idle: pool.idleCount,
      waiting: pool.waitingCount,
    }),
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

interface Preparation extends Pick<Options, 'url' | 'migrations' | 'mustExist'> {
  applicationName: string
  use: Use
}

/** Checks the server, and migrates. */
async function prepare({ url, applicationName, migrations, mustExist, use }: Preparation): Promise<void> {
  const client = new Client({ connectionString: url, application_name: applicationName, connectionTimeoutMillis: 3000 })
  client.on('error', () => undefined) // the query that is running reports it
  try {
    await client.connect()
    await verifySettings(client)
    await takeUseLock(client, use)
    if (mustExist) await mustBeOfService(new PostgresConnection(client))
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
