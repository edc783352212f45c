import { resolve } from 'node:path'
import type { Database, Queries } from '../database/database'
import type { Migration } from '../database/migrations'
import { isPostgres } from '../database/database-url'
import { databaseFile, openDatabase } from '../database/open'
import { readPostgresSnapshot } from '../database/postgres/read-postgres-snapshot'
import type { Use } from '../database/postgres/use-lock'
import { readSnapshot } from '../database/snapshot'
import { OperatorError } from '../failure'
import { realSystem as system, type System } from '../system'
import { withPassword } from '../url-password'
import { backUpDatabase, restoreDatabase } from './back-up'
import { printRecords } from './print-records'
import { rotateKeys } from './rotate-keys'

interface Config {
  databaseUrl: string
  databasePasswordFile?: string | undefined
  /** Where relative files begin. */
  root: string
}

export interface Operated {
  name: string
  config: Config
  migrations: readonly Migration[]
  readRecords?: (queries: Queries) => AsyncIterable<object>
  /** Makes the records agree with those of another service, on stdin. */
  reconcile?: (deps: { database: Database; system: System }) => Promise<void>
}

/** Runs one command on the database of a service: `node dist/operations/cli.js COMMAND`. */
export async function runOperation(command: string | undefined, service: Operated): Promise<void> {
  const { readRecords, reconcile } = service
  const operations = {
    ...(isPostgres(service.config.databaseUrl) ? commandsOfServer : commandsOfFile(service)),
    'print-records': readRecords && (() => printRecords(recordsOf(service, readRecords))),
    reconcile: reconcile && (() => reconcileWith(service, reconcile)),
    'rotate-keys': () => rotateKeys(service),
  }
  const known = Object.entries(operations).filter(([, run]) => run !== undefined)
  const run = new Map(known).get(command ?? '')
  if (run === undefined) throw new OperatorError(`which command? One of ${known.map(([name]) => name).join(', ')}`)
  await run()
}

function commandsOfFile({ config: { databaseUrl, root }, migrations }: Operated) {
  const file = databaseFile(databaseUrl, root)
  return {
    'back-up': () => backUpDatabase(file, migrations),
    restore: () => restoreDatabase(file, migrations),
  }
}

const commandsOfServer = {
  'back-up': () => useInstead('back-up', 'pg_dump'),
  restore: () => useInstead('restore', 'pg_restore'),
}

async function useInstead(command: string, program: string): Promise<never> {
  throw new OperatorError(`${command} is for a file of SQLite: with PostgreSQL use ${program}, see docs/operating.md`)
}

function recordsOf({ name, config }: Operated, read: (queries: Queries) => AsyncIterable<object>) {
  const { databaseUrl, root } = config
  if (!isPostgres(databaseUrl)) return readSnapshot(databaseFile(databaseUrl, root), read)
  const url = withPassword(databaseUrl, { file: passwordFileOf(config), variable: 'DATABASE_PASSWORD_FILE' })
  return readPostgresSnapshot({ url, applicationName: `${name} print-records` }, read)
}

async function reconcileWith(
  { name, config, migrations }: Operated,
  reconcile: NonNullable<Operated['reconcile']>,
): Promise<void> {
  const { databaseUrl: url, root } = config
  const use: Use = 'exclusive'
  const postgres = { applicationName: `${name} reconcile`, passwordFile: passwordFileOf(config), use }
  const database = await openDatabase({ url, root, migrations, system, postgres, mustExist: true })
  await reconcile({ database, system })
  await database.close()
}

function passwordFileOf({ databasePasswordFile, root }: Config): string | undefined {
  return databasePasswordFile && resolve(root, databasePasswordFile)
}
