import type { System } from '../system'
import type { Unit } from './database'
import type { SqliteConnection } from './sqlite-connection'
import { UnitTransaction } from './unit-transaction'

interface Waiting {
  unit: Unit<unknown>
  resolve: (value: unknown) => void
  reject: (error: unknown) => void
}

type Outcome = { value: unknown } | { error: unknown }

const overrun = Symbol('overrun')

/**
 * Units of one event-loop turn share a transaction and its fsync; a failed commit fails all. If a unit fails, all of them
 * are run again, each with a savepoint: with those from the start, every page that a unit writes would be copied first.
 */
export class GroupCommit {
  #waiting: Waiting[] = []
  #running: Promise<void> | undefined
  #turn: Promise<typeof overrun> | undefined
  #finished = false

  constructor(
    private readonly connection: SqliteConnection,
    private readonly system: Pick<System, 'afterTurn'>,
    private readonly onCommit: (units: number) => void,
  ) {}

  write<T>(unit: Unit<T>): Promise<T> {
    if (this.#finished) return Promise.reject(new Error('the database is closed'))
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ unit, resolve: resolve as (value: unknown) => void, reject }) // the unit's own type
      this.#running ??= this.#run()
    })
  }

  async finish(): Promise<void> {
    while (this.#running) await this.#running
    this.#finished = true
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      await new Promise<void>((resolve) => {
        this.system.afterTurn(resolve)
      })
      const batch = this.#waiting
      this.#waiting = []
      await this.#commit(batch)
    }
    this.#running = undefined
  }

  async #commit(batch: Waiting[]): Promise<void> {
    let outcomes: Outcome[]
    try {
      outcomes = (await this.#runTogether(batch)) ?? (await this.#runEach(batch))
    } catch (error) {
      if (this.connection.inTransaction) this.connection.execute('ROLLBACK')
      for (const { reject } of batch) reject(error)
      return
    }
    this.onCommit(batch.length)
    batch.forEach(({ resolve, reject }, i) => {
      const outcome = outcomes[i]
      if (outcome && 'value' in outcome) resolve(outcome.value)
      else reject(outcome?.error)
    })
  }

  /** Returns undefined, with nothing stored, if one of several units fails. */
  async #runTogether(batch: readonly Waiting[]): Promise<Outcome[] | undefined> {
    const outcomes: Outcome[] = []
    this.connection.execute('BEGIN IMMEDIATE')
    for (const { unit } of batch) {
      try {
        outcomes.push({ value: await this.#runUnit(unit) })
        if (!this.connection.inTransaction) throw new Error('the transaction was lost')
      } catch (error) {
        if (this.connection.inTransaction) this.connection.execute('ROLLBACK')
        if (batch.length > 1) return undefined
        throw error
      }
    }
    this.connection.execute('COMMIT')
    return outcomes
  }

  async #runEach(batch: readonly Waiting[]): Promise<Outcome[]> {
    const outcomes: Outcome[] = []
    this.connection.execute('BEGIN IMMEDIATE')
    for (const { unit } of batch) outcomes.push(await this.#runAlone(unit))
    this.connection.execute('COMMIT')
    return outcomes
  }

  /** Throws only if the surrounding transaction is lost. */
  async #runAlone(unit: Unit<unknown>): Promise<Outcome> {
    this.connection.execute('SAVEPOINT unit')
    try {
      const value = await this.#runUnit(unit)
      this.connection.execute('RELEASE unit')
      return { value }
    } catch (error) {
      // A full disk or a failed write rolls everything back by itself, the units before this one included.
      if (!this.connection.inTransaction) throw error
      this.connection.execute('ROLLBACK TO unit')
      this.connection.execute('RELEASE unit')
      return { error }
    }
  }

  async #runUnit(unit: Unit<unknown>): Promise<unknown> {
    const tx = new UnitTransaction(this.connection)
    try {
      const value = await Promise.race([unit(tx), this.#turnEnds()])
      if (value === overrun) throw new Error('a unit awaited something other than its transaction')
      return value
    } finally {
      tx.ended = true
    }
  }

  /** A unit that awaits anything else would block every other write: for ever, if it awaits one of those. */
  #turnEnds(): Promise<typeof overrun> {
    this.#turn ??= new Promise((resolve) => {
      setImmediate(() => {
        this.#turn = undefined
        resolve(overrun)
      })
    })
    return this.#turn
  }
}
