import { DatabaseSync } from 'node:sqlite'
import type { SqlValue } from '@tandem/chassis/database/database'
import { forSqlite } from '@tandem/chassis/database/migrations'
import { migrations } from '../../src/database/migrations'

type Row = Record<string, SqlValue>
/** Rows by table and key; undefined for a row that was deleted. */
type Images = Map<string, { table: string; keys: string[]; before: Row | undefined; after: Row | undefined }>

export interface Session {
  /** What the unit has written and not committed: nobody else sees it, and nobody else may write these rows. */
  written: Images
}

export const blocked = Symbol('blocked')

/**
 * PostgreSQL's READ COMMITTED, for statements that find their rows by key: a statement sees what was committed before it
 * began and what its own unit wrote. If it would write a row that another unit has written, it waits until that unit ends,
 * and then looks again. Reads never wait. Not modelled: a sub-select that keeps its snapshot over such a wait.
 */
export class ReadCommitted {
  readonly #database = new DatabaseSync(':memory:')
  readonly #sessions = new Set<Session>()

  constructor() {
    for (const { sql } of forSqlite(migrations)) this.#database.exec(sql)
  }

  begin(): Session {
    const session: Session = { written: new Map() }
    this.#sessions.add(session)
    return session
  }

  commit(session: Session): void {
    this.#write(session.written)
    this.rollback(session)
  }

  rollback(session: Session): void {
    this.#sessions.delete(session)
  }

  /** Runs a statement. Returns `blocked`, and does nothing, if it has to wait for another unit. */
  run<T>(session: Session, statement: (database: DatabaseSync) => T): T | typeof blocked {
    this.#database.exec('SAVEPOINT statement')
    try {
      this.#write(session.written)
      const before = this.#rows()
      const result = statement(this.#database)
      const changed = changes(before, this.#rows())
      for (const other of this.#sessions) {
        if (other !== session && [...changed.keys()].some((key) => other.written.has(key))) return blocked
      }
      for (const [key, image] of changed) session.written.set(key, image)
      return result
    } finally {
      this.#database.exec('ROLLBACK TO statement; RELEASE statement')
    }
  }

  /** What is committed. */
  all<T>(sql: string, ...values: SqlValue[]): T[] {
    return this.#database.prepare(sql).all(...values) as T[]
  }

  #write(images: Images): void {
    for (const { table, keys, before, after } of images.values()) {
      const row = after ?? before ?? {}
      const where = keys.map((key) => `${key} = ?`).join(' AND ')
      this.#database.prepare(`DELETE FROM ${table} WHERE ${where}`).run(...keys.map((key) => row[key] ?? null))
      if (after === undefined) continue
      const columns = Object.keys(after)
      const values = columns.map(() => '?').join(', ')
      const insert = `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${values})`
      this.#database.prepare(insert).run(...Object.values(after))
    }
  }

  #rows(): Images {
    const rows: Images = new Map()
    const tables = this.all<{ name: string }>("SELECT name FROM sqlite_schema WHERE type = 'table'")
    for (const { name: table } of tables) {
      const columns = this.all<{ name: string }>('SELECT name FROM pragma_table_info(?) WHERE pk > 0', table)
      const keys = columns.map(({ name }) => name)
      for (const row of this.all<Row>(`SELECT * FROM ${table}`)) {
        rows.set(`${table} ${keys.map((key) => row[key]).join(' ')}`, { table, keys, before: row, after: row })
      }
    }
    return rows
  }
}

function changes(before: Images, after: Images): Images {
  const changed: Images = new Map()
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const [was, is] = [before.get(key), after.get(key)]
    const image = was ?? is
    if (image === undefined || JSON.stringify(was?.after) === JSON.stringify(is?.after)) continue
    changed.set(key, { ...image, before: was?.after, after: is?.after })
  }
  return changed
}
