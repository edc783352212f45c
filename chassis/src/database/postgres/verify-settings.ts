import type { Client } from 'pg'
import { OperatorError } from '../../failure'

/** Throws an OperatorError unless durability and the order of texts are as they must be. */
export async function verifySettings(client: Client): Promise<void> {
  const { rows } = await client.query<Record<string, string>>(
    `SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS synchronous_commit,
       current_setting('full_page_writes') AS full_page_writes, current_setting('server_encoding') AS encoding,
       current_setting('server_version_num') AS version, datcollate AS collation, datlocprovider AS provider
     FROM pg_database WHERE datname = current_database()`,
  )
  const found = rows[0] ?? {}
  if (Number(found.version) < 150_000) throw new OperatorError('PostgreSQL is older than 15')
  const rules: [string, RegExp, string][] = [
    ['fsync', /^on$/, 'on'],
    ['full_page_writes', /^on$/, 'on'],
    ['synchronous_commit', /^(?!off$)/, 'on'],
    ['encoding', /^UTF8$/, 'UTF8'],
    ['provider', /^[cb]$/, 'c (libc)'], // ICU would sort in its own way
    ['collation', /^(C|POSIX|C\.UTF-?8)$/i, 'C'], // ids are compared as SQLite does, byte by byte
  ]
  for (const [setting, allowed, required] of rules) {
    const value = found[setting] ?? ''
    if (!allowed.test(value))
      throw new OperatorError(`PostgreSQL has ${setting} = ${value}, but ${required} is required`)
  }
}
