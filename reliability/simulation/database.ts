import type { Database, Transaction } from '@tandem/chassis/database/database'
import type { Migration } from '@tandem/chassis/database/migrations'
import { closeAll, connectTo } from '@tandem/chassis/database/open'
import type { System } from '@tandem/chassis/system'

export interface OpenDatabase {
  database: Database
  /** Lets go of the file as a process does that dies: what is not committed never was. */
  kill: () => void
}

/** The chassis' own database on a real file. Only the lock is left out, which has a test of its own. */
export async function openSimulatedDatabase(
  file: string,
  migrations: readonly Migration[],
  system: Pick<System, 'afterTurn'>,
): Promise<OpenDatabase> {
  const opened: Parameters<typeof closeAll>[0] = []
  const database = await connectTo(file, { migrations, system, opened })
  return {
    database,
    kill: () => {
      closeAll(opened)
    },
  }
}

/** The same database, in which a text of SQL is replaced wherever it is run. */
export function replacing(text: string, instead: string): (database: Database) => Database {
  const replaced = (sql: string) => sql.replace(text, instead)
  const passing = (tx: Transaction): Transaction => ({
    isConcurrent: tx.isConcurrent,
    get: (sql, ...values) => tx.get(replaced(sql), ...values),
    all: (sql, ...values) => tx.all(replaced(sql), ...values),
    run: (sql, ...values) => tx.run(replaced(sql), ...values),
  })
  return (database) => ({ ...database, write: (unit) => database.write((tx) => unit(passing(tx))) })
}

/** The same transaction; what is run in it is told. */
export function observing(tx: Transaction, told: (sql: string) => void): Transaction {
  return {
    isConcurrent: tx.isConcurrent,
    get: (sql, ...values) => tx.get(sql, ...values),
    all: (sql, ...values) => tx.all(sql, ...values),
    run: (sql, ...values) => {
      told(sql)
      return tx.run(sql, ...values)
    },
  }
}
