import { isNativeError } from 'node:util/types'

/** SQLite's result codes for a file that cannot be used just now: busy, locked, read-only, I/O error, full, cannot open. */
const passing = new Set([5, 6, 8, 10, 13, 14])

/** Whether an error says that the database cannot be used just now, through no fault of the statement. */
export function isUnavailable(error: unknown): boolean {
  if (!isNativeError(error) || !('errcode' in error) || typeof error.errcode !== 'number') return false
  return passing.has(error.errcode & 0xff) // the rest of the number is SQLite's extended code
}
