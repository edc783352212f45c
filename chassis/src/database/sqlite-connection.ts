import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { OperatorError } from '../failure'
import type { SqlValue, Transaction } from './database'

const minSqliteVersion = [3, 51, 3]

export class SqliteConnection implements Transaction {
  readonly isConcurrent = false
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  /** Throws unless SQLite guarantees the durability we need. A back-up is only read and has no WAL. */
  constructor(file: string, { readOnly = false } = {}) {
    this.#database = new DatabaseSync(file, { readOnly, timeout: 5000, enableForeignKeyConstraints: true })
    // What is deleted is overwritten, for about 1 µs an order.
    const settings = 'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON'
    if (!readOnly) this.#database.exec(settings)
    this.#verify({ synchronous: 2, busy_timeout: 5000, foreign_keys: 1, ...(!readOnly && { journal_mode: 'wal' }) })
  }

  get inTransaction(): boolean {
    return this.#database.isTransaction
  }

  async get<Row>(sql: string, ...values: SqlValue[]): Promise<Row | undefined> {
    return this.#statement(sql).get(...values) as Row | undefined // see Queries: the schema vouches for it
  }

  async all<Row>(sql: string, ...values: SqlValue[]): Promise<Row[]> {
    return this.#statement(sql).all(...values) as Row[] // see Queries: the schema vouches for it
  }

  async run(sql: string, ...values: SqlValue[]): Promise<number> {
    return Number(this.#statement(sql).run(...values).changes)
  }

  execute(sql: string): void {
    this.#statement(sql).run()
  }

  script(sql: string): void {
    this.#database.exec(sql)
  }

  close(): void {
    this.#database.close()
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = this.#database.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }

  #pragma(name: string): unknown {
    return Object.values(this.#database.prepare(`PRAGMA ${name}`).get() ?? {})[0]
  }

  #verify(expected: Record<string, string | number>): void {
    for (const [name, value] of Object.entries(expected)) {
      const found = this.#pragma(name)
      if (found !== value) throw new OperatorError(`SQLite has ${name} = ${String(found)}, but ${value} is required`)
    }
    const { version } = this.#database.prepare('SELECT sqlite_version() AS version').get() as { version: string }
    const parts = version.split('.').map(Number)
    const differing = minSqliteVersion.findIndex((part, i) => part !== parts[i])
    if (differing >= 0 && (parts[differing] ?? 0) < (minSqliteVersion[differing] ?? 0)) {
      throw new OperatorError(`SQLite ${version} is older than ${minSqliteVersion.join('.')}`)
    }
  }
}
