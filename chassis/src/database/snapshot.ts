import type { Queries, SqlValue } from './database'
import { SqliteConnection } from './sqlite-connection'

const pageRows = 1000

/**
 * Reads a database file as it is at one moment, in one transaction, beside the service that may have it open: it takes no
 * lock that a writer waits for. What is asked for late is read late, so the reader should not dawdle.
 */
export async function* readSnapshot<T>(file: string, read: (queries: Queries) => AsyncIterable<T>): AsyncGenerator<T> {
  const connection = new SqliteConnection(file, { readOnly: true })
  try {
    connection.execute('BEGIN')
    yield* read(connection)
  } finally {
    connection.close()
  }
}

/**
 * All rows of a query, of which only a page is in memory. The statement ends with `WHERE <key> > ? ORDER BY <key> LIMIT ?`;
 * `before` comes before every key.
 */
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
