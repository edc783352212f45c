import { statSync } from 'node:fs'
import { OperatorError } from '../failure'
import type { Unit } from './database'
import { assertMigratedBy, type Migration } from './migrations'
import { SqliteConnection } from './sqlite-connection'

/**
 * Runs one short unit on a file that a running service may have open. It does without the lock that lets one service at a
 * time have the file: SQLite itself lets one process after the other write, and each waits up to five seconds for that. So
 * the unit must change only what the service reads anew.
 */
export async function writeBeside<T>(file: string, migrations: readonly Migration[], unit: Unit<T>): Promise<T> {
  if (!statSync(file, { throwIfNoEntry: false })) throw new OperatorError(`there is no database ${file}`)
  const connection = new SqliteConnection(file)
  try {
    await assertMigratedBy(connection, migrations)
    connection.execute('BEGIN IMMEDIATE')
    const value = await unit(connection)
    connection.execute('COMMIT')
    return value
  } finally {
    connection.close() // which rolls back, if it comes to that
  }
}
