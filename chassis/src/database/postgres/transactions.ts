import type { PoolClient } from 'pg'
import type { Unit } from '../database'
import { classified, isRetried } from './errors'
import { PipelinedTransaction } from './pipelined-transaction'

type Client = Pick<PoolClient, 'query' | 'release'>

/** What a unit needs of a pool. */
export interface Clients {
  connect(): Promise<Client>
}

const maxTries = 5

/**
 * Runs the unit in a transaction of its own, and again if it met another one. Throws DatabaseUnavailable if the
 * connection was lost; if that was during COMMIT, nobody knows whether it was stored.
 */
export async function inTransaction<T>(pool: Clients, unit: Unit<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await once(pool, unit)
    } catch (error) {
      if (tries === maxTries || !isRetried(error)) throw classified(error)
    }
  }
}

async function once<T>(pool: Clients, unit: Unit<T>): Promise<T> {
  const client = await pool.connect()
  const tx = new PipelinedTransaction(client)
  let usable = false
  try {
    tx.send('BEGIN READ WRITE')
    const value = await run(unit, tx)
    // Of a transaction that has failed, COMMIT is a rollback without an error.
    const [{ command }] = await Promise.all([client.query('COMMIT'), tx.settled()])
    usable = true
    if (command !== 'COMMIT') throw new Error(`COMMIT was a ${command}: a statement had failed, and its error was lost`)
    return value
  } catch (error) {
    usable ||= await rollBack(client)
    throw tx.firstFailure ?? error
  } finally {
    client.release(!usable)
  }
}

async function run<T>(unit: Unit<T>, tx: PipelinedTransaction): Promise<T> {
  try {
    return await unit(tx)
  } finally {
    tx.ended = true
  }
}

/** Returns whether the connection can be used again. */
async function rollBack(client: Client): Promise<boolean> {
  return client.query('ROLLBACK').then(
    () => true,
    () => false, // the connection is lost; the unit's own error says why
  )
}
