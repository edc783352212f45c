import type { Database, Queries } from '../database/database'
import type { Migration } from '../database/migrations'
import { isPostgres } from '../database/database-url'
import { databaseFile, openDatabase } from '../database/open'
import { OperatorError } from '../failure'
import { realSystem as system, type System } from '../system'
import { backUpDatabase, restoreDatabase } from './back-up'
import { printRecords } from './print-records'
import { rotateKeys } from './rotate-keys'

export interface Operated {
  databaseUrl: string
  /** For PostgreSQL, a file with the password. */
  passwordFile?: string | undefined
  /** Where a relative file of `databaseUrl` begins. */
  root: string
  migrations: readonly Migration[]
  readRecords?: (queries: Queries) => AsyncIterable<object>
  /** Makes the records agree with those of another service, on stdin. */
  reconcile?: (deps: { database: Database; system: System }) => Promise<void>
}

/** Runs one command on the database of a service: `node dist/operations/cli.js COMMAND`. */
export async function runOperation(command: string | undefined, service: Operated): Promise<void> {
  const { databaseUrl: url, root, migrations, readRecords, reconcile } = service
  const file = databaseFile(url, root)
  const operations = {
    'back-up': () => backUpDatabase(file, migrations),
    restore: () => restoreDatabase(file, migrations),
    'print-records': readRecords && (() => printRecords(file, readRecords)),
    reconcile:
      reconcile &&
      (async () => {
        const database = await openDatabase({ url, root, migrations, system, mustExist: true })
        await reconcile({ database, system })
        await database.close()
      }),
    'rotate-keys': () => rotateKeys(service),
  }
  const known = Object.entries(operations).filter(([, run]) => run !== undefined)
  const run = new Map(known).get(command ?? '')
  if (run === undefined) throw new OperatorError(`which command? One of ${known.map(([name]) => name).join(', ')}`)
  if (isPostgres(url) && command !== 'rotate-keys')
    throw new OperatorError(`${command} is for a file of SQLite; use pg_dump and pg_restore on PostgreSQL`)
  await run()
}
