import { closeSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { OperatorError } from '../failure'
import type { Log } from '../log'
import type { System } from '../system'
import type { Database } from './database'
import { lockFile } from './file-lock'
import { GroupCommit } from './group-commit'
import { isPostgres } from './database-url'
import { migrate, assertMigratedBy, type Migration } from './migrations'
import { openPostgres, type PostgresOptions } from './postgres/open-postgres'
import { soleLease } from './sole-lease'
import { SqliteConnection } from './sqlite-connection'
import { tracedDatabase } from './traced-database'

interface Options {
  /** `sqlite:<file>`, where a relative file is resolved against `root`, or `postgres://…`. */
  url: string
  root: string
  migrations: readonly Migration[]
  system: Pick<System, 'afterTurn' | 'setTimeout' | 'clearTimeout' | 'monotonic'>
  postgres?: PostgresOptions
  log?: Log
  /** For commands on existing records: never creates an empty database. */
  mustExist?: boolean | undefined
}

interface Closable {
  close(): void
}

interface Connected extends Pick<Options, 'migrations' | 'mustExist'> {
  system: Pick<System, 'afterTurn'>
  /** What is opened is added, so that it can be closed at once. */
  opened: Closable[]
}

export async function openDatabase(options: Options): Promise<Database> {
  return isPostgres(options.url)
    ? tracedDatabase(await openPostgres(options), 'postgresql')
    : tracedDatabase(await openSqlite(options), 'sqlite')
}

async function openSqlite({ url, root, migrations, system, mustExist }: Options): Promise<Database> {
  const file = databaseFile(url, root)
  const opened: Closable[] = []
  try {
    // Not existsSync: one that cannot be seen would count as absent.
    if (mustExist && !statSync(file, { throwIfNoEntry: false })) throw new OperatorError(`there is no database ${file}`)
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    makePrivate(file)
    opened.push(lockFile(file))
    return await connectTo(file, { migrations, system, mustExist, opened })
  } catch (error) {
    closeAll(opened)
    if (error instanceof OperatorError) throw error
    throw new OperatorError(`the database ${file} cannot be used: ${(error as Error).message}`, { cause: error })
  }
}

/** Opens a file that no other process writes. */
export async function connectTo(file: string, { migrations, system, mustExist, opened }: Connected): Promise<Database> {
  const writer = new SqliteConnection(file)
  opened.push(writer)
  if (mustExist) await assertMigratedBy(writer, migrations)
  await migrate(writer, migrations)
  const reader = new SqliteConnection(file, { readOnly: true }) // reading on the writer would show uncommitted data
  opened.push(reader)
  const listeners: ((units: number) => void)[] = []
  const commits = new GroupCommit(writer, system, (units) => {
    for (const told of listeners) told(units)
  })
  const onCommit = (listener: (units: number) => void) => {
    listeners.push(listener)
  }
  return {
    isConcurrent: false,
    read: reader,
    write: (unit) => commits.write(unit),
    onCommit,
    onChange: onCommit,
    lease: () => soleLease,
    close: async () => {
      await commits.finish()
      closeAll(opened)
    },
  }
}

export function closeAll(opened: Closable[]): void {
  for (const part of opened.reverse()) part.close()
}

/** The file holds a signing key: nobody else may read it. SQLite gives the files beside it the same mode. */
function makePrivate(file: string): void {
  closeSync(openSync(file, 'a', 0o600))
}

export function databaseFile(url: string, root: string): string {
  return resolve(root, url.replace(/^sqlite:/, ''))
}
