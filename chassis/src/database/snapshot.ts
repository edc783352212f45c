import type { Queries, SqlValue } from './database'
import { SqliteConnection } from './sqlite-connection'

const pageRows = 1000

/** Reads in one transaction without blocking the writes of a running service, but its WAL grows meanwhile. */
export async function* readSnapshot<T>(file: string, read: (queries: Queries) => AsyncIterable<T>): AsyncGenerator<T> {
  const connection = new SqliteConnection(file, { readOnly: true })
  try {
    connection.execute('BEGIN')
    yield* read(connection)
  } finally {
    connection.close()
  }
}

/** The SQL must end with `WHERE <key> > ? ORDER BY <key> LIMIT ?`; `before` sorts before every key. */
export async function* inPages<Row>(
  queries: Queries,
  sql: string,
  before: SqlValue,
  keyOf: (row: Row) => SqlValue,
): AsyncGenerator<Row> {
  let after = before
  for (;;) {
    const rows = await queries.all<Row>(sql, after, pageRows)
    yield* rows
    const last = rows.at(-1)
    if (last === undefined || rows.length < pageRows) return
    after = keyOf(last)
  }
}
