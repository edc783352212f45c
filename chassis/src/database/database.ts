export type SqlValue = string | number | null

/** SQL with `?` placeholders, in the subset that SQLite and PostgreSQL share. The schema vouches for the row type. */
export interface Queries {
  get<Row>(sql: string, ...values: SqlValue[]): Promise<Row | undefined>
  all<Row>(sql: string, ...values: SqlValue[]): Promise<Row[]>
}

export interface Transaction extends Queries {
  /** Whether other transactions run beside this one (PostgreSQL); else units run one after the other (SQLite). */
  readonly isConcurrent: boolean
  /** Returns the number of changed rows. */
  run(sql: string, ...values: SqlValue[]): Promise<number>
}

/** Statements that succeed or fail together. It must await nothing but its transaction. */
export type Unit<T> = (tx: Transaction) => Promise<T>

export interface Database {
  readonly read: Queries
  /** Resolves after the commit with the unit's result; rejects with nothing stored. Must not be nested. */
  write<T>(unit: Unit<T>): Promise<T>
  /** See Transaction. */
  readonly isConcurrent: boolean
  /** Calls the listener after each commit of this process, with the number of units in it, before their writes resolve. */
  onCommit(listener: (units: number) => void): void
  /** Calls the listener when there may be new events, also those of other processes. */
  onChange(listener: () => void): void
  close(): Promise<void>
}
