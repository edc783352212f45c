/** A value that SQL can be given. */
export type SqlValue = string | number | null

/**
 * Statements are SQL text with `?` for each value, in the subset that SQLite and PostgreSQL share. The row type that a
 * caller names is what its columns hold; migrations and their CHECKs keep that true.
 */
export interface Queries {
  get<Row>(sql: string, ...values: SqlValue[]): Promise<Row | undefined>
  all<Row>(sql: string, ...values: SqlValue[]): Promise<Row[]>
}

export interface Transaction extends Queries {
  /** Answers how many rows were changed. */
  run(sql: string, ...values: SqlValue[]): Promise<number>
}

/** A few statements that succeed or fail together. It awaits nothing but the transaction that it is given. */
export type Unit<T> = (tx: Transaction) => Promise<T>

export interface Database {
  /** Sees only what is committed. */
  readonly read: Queries
  /**
   * The one way in for writes. Resolves after the commit, with what the unit answered. Rejects with what the unit threw,
   * and then nothing of it is kept; or with what kept the commit from happening. Never called from within a unit.
   */
  write<T>(unit: Unit<T>): Promise<T>
  /** Calls back after each commit, with how many units shared it, before any of them is answered. */
  onCommit(listener: (units: number) => void): void
  /** Finishes the writes that were asked for and closes. */
  close(): Promise<void>
}
