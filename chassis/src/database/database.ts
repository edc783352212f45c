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
  /** See `send`. */
  send?(sql: string, ...values: SqlValue[]): void
}

/**
 * Runs a statement whose result nobody needs. On PostgreSQL the unit does not wait for the response, so that the next
 * statement travels with this one, and COMMIT with the last one. If it fails, so does the unit.
 */
export async function send(tx: Transaction, sql: string, ...values: SqlValue[]): Promise<void> {
  if (tx.send) tx.send(sql, ...values)
  else await tx.run(sql, ...values)
}

/** Statements that succeed or fail together. It must await nothing but its transaction. */
export type Unit<T> = (tx: Transaction) => Promise<T>

/** The right to do, over and over, what one process at a time may do. */
export interface Lease {
  /** Whether there can be other processes that want it. */
  readonly isShared: boolean
  /** Undefined while this process does not have it. */
  readonly term: Term | undefined
  /** Lets another process have it at once. */
  release(): Promise<void>
}

/** The time from getting a lease to losing it. */
export interface Term {
  /** Aborted once another process may have the lease. */
  readonly signal: AbortSignal
  /** Throws DatabaseUnavailable unless the term lasts until the end of this transaction; others wait for that end. */
  assertLasts(tx: Transaction): Promise<void>
}

/** Connections of a pool, and who waits for one. */
export interface PoolUse {
  used: number
  idle: number
  waiting: number
}

export interface Database {
  readonly read: Queries
  /** Resolves after the commit with the unit's result; rejects with nothing stored. Must not be nested. */
  write<T>(unit: Unit<T>): Promise<T>
  /** See Transaction. */
  readonly isConcurrent: boolean
  /** Calls the listener after each commit of this process, with the number of units in it, before their writes resolve. */
  onCommit(listener: (units: number) => void): void
  /** Begins to compete for the lease of this name. */
  lease(name: string): Lease
  /** Calls the listener when there may be new events, also those of other processes. */
  onChange(listener: () => void): void
  /** Undefined if it has no pool (SQLite). */
  poolUse?: () => PoolUse
  close(): Promise<void>
}
