/** SQLite result codes for a temporarily unusable file: busy, locked, read-only, I/O error, full, cannot open. */
const passing = new Set([5, 6, 8, 10, 13, 14])

export function isUnavailable(error: unknown): boolean {
  const code = resultCode(error)
  return code !== undefined && passing.has(code)
}

export function resultCode(error: unknown): number | undefined {
  const { errcode } = (error ?? {}) as { errcode?: unknown }
  return typeof errcode === 'number' ? errcode & 0xff : undefined // the upper bits are the extended code
}
