import { DatabaseSync } from 'node:sqlite'
import { OperatorError } from '../failure'
import { resultCode } from './unavailable'

const busy = 5 // SQLITE_BUSY

/** Excludes a second writing process by an SQLite lock on a file beside it, which ends with the process. */
export function lockFile(file: string): { close(): void } {
  const lock = new DatabaseSync(`${file}.lock`, { timeout: 2000 })
  try {
    lock.exec('BEGIN EXCLUSIVE')
  } catch (cause) {
    lock.close()
    if (resultCode(cause) !== busy) throw cause
    throw new OperatorError(`the database ${file} is in use by another process`, { cause })
  }
  return {
    close: () => {
      lock.close()
    },
  }
}
