import { DatabaseSync } from 'node:sqlite'
import { forSqlite, type Migration } from '@tandem/chassis/database/migrations'
import type { SqlValue, Transaction } from '@tandem/chassis/database/database'

/**
 * How SQLite would find the rows for the statements of `work`: a line for each step. Nothing is read or written: `found` is
 * what each `get` returns. A statement that reads all rows of a table has a step `SCAN`.
 */
export async function queryPlan(
  migrations: readonly Migration[],
  work: (tx: Transaction) => Promise<unknown>,
  found?: object,
): Promise<string[]> {
  const database = new DatabaseSync(':memory:')
  for (const { sql } of forSqlite(migrations)) database.exec(sql)
  const steps: string[] = []
  const explain = (sql: string, values: SqlValue[]) => {
    const rows = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values)
    steps.push(...rows.map(({ detail }) => String(detail)))
  }
  await work({
    isConcurrent: false,
    get: async <Row>(sql: string, ...values: SqlValue[]) => {
      explain(sql, values)
      return found as Row | undefined
    },
    all: async (sql, ...values) => {
      explain(sql, values)
      return []
    },
    run: async (sql, ...values) => {
      explain(sql, values)
      return 0
    },
  })
  database.close()
  return steps
}
