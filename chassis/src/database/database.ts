export type SqlValue = string | number | null

/**
 * Statements are SQL text with `?` placeholders, in the subset that SQLite and PostgreSQL share. The caller names the row
 * type; migrations and CHECK constraints keep it true.
 */
export interface Queries {
  get<Row>(sql: string, ...values: SqlValue[]): Promise<Row | undefined>
  all<Row>(sql: string, ...values: SqlValue[]): Promise<Row[]>
}

export interface Transaction extends Queries {
  /** Returns the number of changed rows. */
  run(sql: string, ...values: SqlValue[]): Promise<number>
}

/** Statements that succeed or fail together. It must await nothing but its transaction. */
export type Unit<T> = (tx: Transaction) => Promise<T>

export interface Database {
  /** Sees only committed data. */
  readonly read: Queries
  /**
   * The only way to write. Resolves after the commit with the unit's result; rejects, with nothing stored, if the unit or
   * the commit fails. Must not be called from within a unit.
   */
  write<T>(unit: Unit<T>): Promise<T>
  /** Calls the listener after each commit, with the number of units in it, before their writes resolve. */
  onCommit(listener: (units: number) => void): void
  /** Finishes pending writes and closes. */
  close(): Promise<void>
}
