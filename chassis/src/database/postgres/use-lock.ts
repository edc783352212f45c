import { setTimeout as pause } from 'node:timers/promises'
import type { ClientBase } from 'pg'
import { OperatorError } from '../../failure'
import { DatabaseUnavailable } from '../unavailable'

/** Services use a database together; a command that repairs it uses it alone. */
export type Use = 'shared' | 'exclusive'

const maxWaitMs = 2000
const retryMs = 100
// Any number, and the schema, which is another one for each test: the lock of those who use the same database.
const useLock = 7_261_003
const key = `${useLock}, hashtext(COALESCE(current_schema(), ''))`
const isKey = `classid = ${useLock} AND objid = (hashtext(COALESCE(current_schema(), ''))::bigint & 4294967295)::oid AND objsubid = 2`

/**
 * Until the connection ends. Each connection that writes takes it, so that nothing can be written without it. Throws
 * DatabaseUnavailable beside a command, and an OperatorError beside services that do not end within two seconds.
 */
export async function takeUseLock(client: ClientBase, use: Use): Promise<void> {
  if (use === 'shared') {
    // It does not wait: those who wait would stand behind a command that waits for others.
    if (await isTrue(client, `pg_try_advisory_lock_shared(${key})`)) return
    throw new DatabaseUnavailable(`the database is in use by ${await usersOf(client)}`)
  }
  const deadline = performance.now() + maxWaitMs
  while (!(await isTrue(client, `pg_try_advisory_lock(${key})`))) {
    if (performance.now() > deadline) throw new OperatorError(`the database is in use by ${await usersOf(client)}`)
    await pause(retryMs)
  }
}

async function isTrue(client: ClientBase, condition: string): Promise<boolean> {
  const { rows } = await client.query<{ holds: boolean }>(`SELECT ${condition} AS holds`)
  return rows[0]?.holds === true
}

/** Each process once: `order-service (10.0.0.7), order-service (10.0.0.8)`. */
async function usersOf(client: ClientBase): Promise<string> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT DISTINCT COALESCE(application_name, 'another role') || COALESCE(' (' || host(client_addr) || ')', '') AS name
     FROM pg_locks JOIN pg_stat_activity USING (pid)
     WHERE locktype = 'advisory' AND granted AND ${isKey} AND datname = current_database() ORDER BY name`,
  )
  return rows.map(({ name }) => name).join(', ') || 'another process, which has just ended'
}
