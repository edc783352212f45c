import type { SqlValue, Transaction } from './database'

/** What a unit is given: it cannot be used after the unit has ended. */
export class UnitTransaction implements Transaction {
  ended = false

  constructor(private readonly connection: Transaction) {}

  get isConcurrent(): boolean {
    return this.connection.isConcurrent
  }

  get<Row>(sql: string, ...values: SqlValue[]): Promise<Row | undefined> {
    return this.#live().get(sql, ...values)
  }

  all<Row>(sql: string, ...values: SqlValue[]): Promise<Row[]> {
    return this.#live().all(sql, ...values)
  }

  run(sql: string, ...values: SqlValue[]): Promise<number> {
    return this.#live().run(sql, ...values)
  }

  #live(): Transaction {
    if (this.ended) throw new Error('the transaction of this unit has ended')
    return this.connection
  }
}
