import { Pool, type PoolConfig } from 'pg'
import type { Log } from '../../log'
import { exactNumbers } from './types'
import { takeUseLock, type Use } from './use-lock'

const limits = {
  min: 1, // an idle process is there too: see takeUseLock
  connectionTimeoutMillis: 3000,
  statement_timeout: 5000,
  lock_timeout: 3000,
  // A process that is frozen in a transaction would keep its locks.
  idle_in_transaction_session_timeout: 2000,
  // For a server that is gone without a word.
  query_timeout: 10_000,
  keepAlive: true,
  // Statements are sent without waiting for the response to the one before.
  pipeline: true,
} satisfies PoolConfig

/** It waits for a connection at most three seconds. Its connections are there only while each has the lock for its use. */
export function makePool(
  config: Pick<PoolConfig, 'application_name' | 'max'> & { connectionString: string },
  { use, log }: { use: Use; log: Log },
): Pool {
  const pool = new Pool({
    ...config,
    connectionString: readOnlyByDefault(config.connectionString),
    ...limits,
    ...(use === 'exclusive' && { max: 1 }), // two could not both have the lock
    types: exactNumbers,
    verify: (client, done) => {
      takeUseLock(client, use).then(() => {
        done()
      }, done)
    },
  })
  const onError = (error: Error) => {
    log.warn({ reason: error.message }, 'connection to the database lost')
  }
  pool.on('error', onError) // of idle connections; without a listener it ends the process
  // Of those in use; the query that is running, or the next one, reports it.
  pool.on('connect', (client) => client.on('error', () => undefined))
  return pool
}

/** Only a transaction that says so can write: a statement that is sent along with a BEGIN that fails cannot. */
function readOnlyByDefault(connectionString: string): string {
  const url = new URL(connectionString)
  const given = url.searchParams.get('options') ?? ''
  url.searchParams.set('options', `${given} -c default_transaction_read_only=on`.trimStart())
  return url.href
}
