import { openDatabase } from '@tandem/chassis/database/open'
import type { Database } from '@tandem/chassis/database/database'
import type { Migration } from '@tandem/chassis/database/migrations'
import { realSystem, type System } from '@tandem/chassis/system'
import { afterThisTest, temporaryFolder } from './temporary'

export interface DatabaseOptions {
  system?: Pick<System, 'afterTurn'>
  /** The same folder is the same database. */
  folder?: string
}

/** As temporaryDatabase, for tests of what only SQLite has: the file `test.db` in the folder. */
export async function temporarySqlite(
  migrations: readonly Migration[],
  { system = realSystem, folder = temporaryFolder() }: DatabaseOptions = {},
): Promise<Database> {
  const url = 'sqlite:test.db'
  return closedAfterThisTest(
    await openDatabase({ url, root: folder, migrations, system: { ...realSystem, ...system } }),
  )
}

/** Closes it then, unless the test has. */
export function closedAfterThisTest(database: Database): Database {
  let closed = false
  const close = async () => {
    if (!closed) await database.close()
    closed = true
  }
  afterThisTest(close)
  return { ...database, close }
}
