import type { Client, ClientBase } from 'pg'
import type { Database } from '@tandem/chassis/database/database'
import { PostgresConnection } from '@tandem/chassis/database/postgres/connection'
import { inTransaction } from '@tandem/chassis/database/postgres/transactions'
import { soleLease } from '@tandem/chassis/database/sole-lease'
import { Failure } from '@tandem/chassis/failure'
import { realSystem, type System } from '@tandem/chassis/system'

/** What something that uses a database is given. */
export interface Side {
  database: Database
  /** Its clock stands still, and its ids are the same in each run, also if a unit is run again. */
  system: System
  /** For what needs more than the database offers. */
  client: Pick<ClientBase, 'query'>
}

export type Outcome = { returned: unknown } | { threw: string }

/**
 * A side whose statements wait until they are let through. BEGIN does not wait: it takes no lock and no snapshot, so
 * nobody can tell when it came.
 */
export class SteppedSide implements Side {
  readonly database: Database
  readonly client: Side['client']
  readonly system: System
  outcome: Outcome | undefined
  /** What becomes of each statement. */
  change = (sql: string): string => sql
  /** How many units were rolled back. */
  rollbacks = 0
  #next: { text: string; pass: () => void } | undefined
  #isInUnit = false
  #ids = 0
  #idsAtBegin = 0
  #last: Promise<unknown> = Promise.resolve()
  #onChange = (): void => undefined

  /** Ids of a higher number sort after all ids of a lower one. */
  constructor(
    private readonly connection: Client,
    readonly number: number,
  ) {
    this.system = {
      ...realSystem,
      now: () => Date.UTC(2026, 0, 31, 12, 0, number),
      random: () => 0.5,
      newId: () => {
        this.#ids += 1
        return `0190f3c4-${number}000-7000-8000-${String(this.#ids).padStart(12, '0')}`
      },
    }
    // The product uses this one of the signatures of `query`.
    const stepped = { query: this.#query.bind(this) as ClientBase['query'] }
    this.client = stepped
    const clients = { connect: async () => ({ ...stepped, release: () => undefined }) }
    this.database = {
      isConcurrent: true,
      read: new PostgresConnection(stepped),
      write: (unit) => inTransaction(clients, unit),
      onCommit: () => undefined,
      lease: () => soleLease,
      onChange: () => undefined,
      close: async () => undefined,
    }
  }

  /** The statement that waits to be let through. */
  get next(): string | undefined {
    return this.#next?.text
  }

  /** Whether locks end, and others may see its changes, after the next statement. */
  get nextEnds(): boolean {
    return /^(COMMIT|ROLLBACK)$/.test(this.next ?? '') || (!this.#isInUnit && !this.nextOnlyReads)
  }

  get nextOnlyReads(): boolean {
    return /^\s*SELECT /.test(this.next ?? '') && !/ FOR |pg_/.test(this.next ?? '')
  }

  /** Tables, and the locks that are not of a table. */
  get nextUses(): string[] {
    return this.next?.match(/(?<=(FROM|INTO|JOIN|UPDATE|TABLE) +)\w+|pg_\w+(?=\()/g) ?? []
  }

  /** Whether it runs a statement, or what comes between two. */
  get isMoving(): boolean {
    return this.#next === undefined && this.outcome === undefined
  }

  start(work: (side: Side) => Promise<unknown>): void {
    this.outcome = undefined
    this.rollbacks = this.#ids = 0
    void work(this)
      .then(
        (returned) => (this.outcome = { returned }),
        (error: unknown) => (this.outcome = { threw: error instanceof Failure ? error.code : String(error) }),
      )
      .then(() => this.#onChange())
  }

  letThrough(): void {
    const next = this.#next
    this.#next = undefined
    next?.pass()
  }

  /** Resolves when the next statement waits to be let through, or when there is none any more. */
  changed(): Promise<void> {
    return new Promise((resolve) => {
      this.#onChange = resolve
      if (!this.isMoving) resolve()
    })
  }

  /** Those that nobody waits for are sent at once, and run one after the other. */
  #query(given: string | { text: string; values?: unknown[] }, list?: unknown[]): Promise<unknown> {
    const { text, values = list } = typeof given === 'string' ? { text: given } : given
    const begins = text.startsWith('BEGIN')
    if (begins) this.#idsAtBegin = this.#ids
    if (text === 'ROLLBACK') {
      this.rollbacks += 1
      this.#ids = this.#idsAtBegin
    }
    const ran = this.#last.then(async () => {
      if (!begins) await this.#letThrough(text)
      this.#isInUnit = begins || (this.#isInUnit && text !== 'COMMIT' && text !== 'ROLLBACK')
      return this.connection.query(this.change(text), values) // without its name: it may be changed
    })
    this.#last = ran.catch(() => undefined) // who sent it is told
    return ran
  }

  #letThrough(text: string): Promise<void> {
    return new Promise((pass) => {
      this.#next = { text, pass }
      this.#onChange()
    })
  }
}
