import type { Queries, SqlValue } from './database'
import { SqliteConnection } from './sqlite-connection'

const pageRows = 1000

/** Reads in one transaction, beside a running service, without blocking its writes. Read fast: the WAL grows meanwhile. */
export async function* readSnapshot<T>(file: string, read: (queries: Queries) => AsyncIterable<T>): AsyncGenerator<T> {
  const connection = new SqliteConnection(file, { readOnly: true })
  try {
    connection.execute('BEGIN')
    yield* read(connection)
  } finally {
    connection.close()
  }
}

/** Streams a query's rows page by page. The SQL ends with `WHERE <key> > ? ORDER BY <key> LIMIT ?`; `before` sorts first. */
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
