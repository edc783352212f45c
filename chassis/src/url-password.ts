import { readFileSync } from 'node:fs'
import { OperatorError } from './failure'

/** Returns the URL with the password from the file, if there is one. The variable names it in errors. */
export function withPassword(
  given: string,
  { file, variable }: { file: string | undefined; variable: string },
): string {
  if (file === undefined) return given
  const url = new URL(given)
  try {
    url.password = encodeURIComponent(readFileSync(file, 'utf8').trim())
  } catch (error) {
    throw new OperatorError(`${variable} cannot be read: ${(error as Error).message}`, { cause: error })
  }
  return url.href
}
