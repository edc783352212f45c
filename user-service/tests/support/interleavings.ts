import type { DatabaseSync } from 'node:sqlite'
import type { SqlValue, Transaction, Unit } from '@tandem/chassis/database/database'
import { blocked, ReadCommitted, type Session } from './read-committed'

export type Outcome = { returned: unknown } | { threw: unknown }

/** A unit that is advanced statement by statement. */
class SteppedUnit {
  outcome: Outcome | undefined
  isBlocked = false
  readonly #session: Session
  #next: (() => boolean) | undefined

  constructor(
    private readonly database: ReadCommitted,
    unit: Unit<unknown>,
  ) {
    this.#session = database.begin()
    unit(this.#transaction()).then(
      (returned) => {
        this.#next = () => this.#end({ returned })
      },
      (threw: unknown) => {
        this.#next = () => this.#end({ threw })
      },
    )
  }

  /** Runs the next statement, or commits after the last one. Waits, if it is blocked, for its next turn. */
  async step(): Promise<void> {
    this.isBlocked = this.#next?.() === false
    await new Promise((resolve) => setImmediate(resolve)) // until the unit asks for its next statement
  }

  #end(outcome: Outcome): true {
    if ('returned' in outcome) this.database.commit(this.#session)
    else this.database.rollback(this.#session)
    this.outcome = outcome
    return true
  }

  #transaction(): Transaction {
    const ask = <T>(statement: (database: DatabaseSync) => T): Promise<T> =>
      new Promise((resolve, reject) => {
        this.#next = () => {
          try {
            const result = this.database.run(this.#session, statement)
            if (result === blocked) return false
            resolve(result)
          } catch (error) {
            reject(error instanceof Error ? error : new Error(String(error)))
          }
          return true
        }
      })
    return {
      isConcurrent: false, // as it keeps its rows in SQLite
      get: <T>(sql: string, ...values: SqlValue[]) => ask((it) => it.prepare(sql).get(...values) as T | undefined),
      all: <T>(sql: string, ...values: SqlValue[]) => ask((it) => it.prepare(sql).all(...values) as T[]),
      run: (sql, ...values) => ask((it) => Number(it.prepare(sql).run(...values).changes)),
    }
  }
}

interface Interleaving {
  /** Which unit made each step. */
  order: string
  outcomes: Outcome[]
  /** What the units left. */
  database: ReadCommitted
}

/** Runs the units in every order that their statements can have. Throws if all of them wait for each other. */
export async function everyInterleaving(
  setUp: (database: ReadCommitted) => Promise<void>,
  units: readonly Unit<unknown>[],
): Promise<Interleaving[]> {
  const found: Interleaving[] = []
  const untried: number[][] = [[]]
  for (let prefix = untried.pop(); prefix !== undefined; prefix = untried.pop()) {
    const database = new ReadCommitted()
    await setUp(database)
    const stepped = units.map((unit) => new SteppedUnit(database, unit))
    const taken: number[] = []
    for (;;) {
      const [first, ...others] = stepped.flatMap(({ outcome, isBlocked }, i) => (outcome || isBlocked ? [] : [i]))
      if (first === undefined) break
      if (taken.length >= prefix.length) untried.push(...others.map((other) => [...taken, other]))
      const choice = prefix[taken.length] ?? first
      taken.push(choice)
      await stepped[choice]?.step()
      if (stepped[choice]?.outcome) for (const waiting of stepped) waiting.isBlocked = false
    }
    const order = taken.join('')
    const outcomes = stepped.flatMap(({ outcome }) => outcome ?? [])
    if (outcomes.length < units.length) throw new Error(`the units wait for each other: ${order}`)
    found.push({ order, outcomes, database })
  }
  return found
}

/** Runs a unit alone, and commits it. */
export async function alone(database: ReadCommitted, unit: Unit<unknown>): Promise<void> {
  const stepped = new SteppedUnit(database, unit)
  while (stepped.outcome === undefined) await stepped.step()
  if ('threw' in stepped.outcome) throw stepped.outcome.threw as Error
}
