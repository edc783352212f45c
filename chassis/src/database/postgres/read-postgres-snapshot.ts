import { Client } from 'pg'
import { OperatorError } from '../../failure'
import type { Queries } from '../database'
import { PostgresConnection } from './connection'
import { classified } from './errors'
import { exactNumbers } from './types'

/** For a server that is gone without a word: one page takes milliseconds. */
const maxQueryMs = 60_000

// Whatever limits the role or the database has: between two pages the reader may take its time. Not every version has all.
const withoutTimeouts = `
  SELECT set_config(name, '0', true) AS value FROM pg_settings
  WHERE name IN ('statement_timeout', 'lock_timeout', 'transaction_timeout', 'idle_in_transaction_session_timeout')`

interface Options {
  url: string
  applicationName: string
}

/** Reads in one transaction, on a connection of its own, without blocking anybody. */
export async function* readPostgresSnapshot<T>(
  { url, applicationName }: Options,
  read: (queries: Queries) => AsyncIterable<T>,
): AsyncGenerator<T> {
  const client = new Client({
    connectionString: url,
    application_name: applicationName,
    types: exactNumbers,
    connectionTimeoutMillis: 3000,
    query_timeout: maxQueryMs,
    keepAlive: true,
  })
  client.on('error', () => undefined) // the query that is running, or the next one, reports it
  try {
    await begin(client)
    yield* read(new PostgresConnection(client))
  } catch (error) {
    throw classified(error)
  } finally {
    await client.end()
  }
}

async function begin(client: Client): Promise<void> {
  try {
    await client.connect()
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    await client.query(withoutTimeouts)
  } catch (error) {
    throw new OperatorError(`the database cannot be used: ${(error as Error).message}`, { cause: error })
  }
  await mustBeOfService(new PostgresConnection(client))
}

/** Throws if no service has ever used the database. */
export async function mustBeOfService(queries: Queries): Promise<void> {
  const table = await queries.get<{ found: boolean }>(`SELECT to_regclass('migrations') IS NOT NULL AS found`)
  if (table?.found !== true) throw new OperatorError('this database was not made by a service')
}
