/** SQLite's result codes for a file that cannot be used just now: busy, locked, read-only, I/O error, full, cannot open. */
const passing = new Set([5, 6, 8, 10, 13, 14])

/** Whether an error says that the database cannot be used just now, through no fault of the statement. */
export function isUnavailable(error: unknown): boolean {
  const code = resultCode(error)
  return code !== undefined && passing.has(code)
}

/** SQLite's primary result code, where the error is one of SQLite's. */
export function resultCode(error: unknown): number | undefined {
  const { errcode } = (error ?? {}) as { errcode?: unknown }
  return typeof errcode === 'number' ? errcode & 0xff : undefined // the rest of the number is the extended code
}
