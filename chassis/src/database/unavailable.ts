/** SQLite result codes for a temporarily unusable file: busy, locked, read-only, I/O error, full, cannot open. */
const passing = new Set([5, 6, 8, 10, 13, 14])

/** Whether the database is temporarily unusable, through no fault of the statement. */
export function isUnavailable(error: unknown): boolean {
  const code = resultCode(error)
  return code !== undefined && passing.has(code)
}

export function resultCode(error: unknown): number | undefined {
  const { errcode } = (error ?? {}) as { errcode?: unknown }
  return typeof errcode === 'number' ? errcode & 0xff : undefined // the rest of the number is the extended code
}
