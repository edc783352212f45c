import { DatabaseSync } from 'node:sqlite'
import { OperatorError } from '../failure'
import { resultCode } from './unavailable'

const busy = 5 // SQLITE_BUSY

/**
 * Keeps a second process from writing to the same SQLite file, by an SQLite lock on an empty file beside it: the kernel
 * releases it when the process dies, and readers such as a back-up are not blocked.
 */
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
