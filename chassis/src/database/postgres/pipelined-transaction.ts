import type { ClientBase } from 'pg'
import type { SqlValue } from '../database'
import { UnitTransaction } from '../unit-transaction'
import { PostgresConnection } from './connection'

/** What a unit is given. PostgreSQL runs what is sent one after the other, and nothing more after a failure. */
export class PipelinedTransaction extends UnitTransaction {
  /** Of the statements that nobody waits for. Those after it fail only because it did. */
  firstFailure: unknown
  readonly #sent: Promise<unknown>[] = []

  constructor(client: Pick<ClientBase, 'query'>) {
    super(new PostgresConnection(client))
  }

  send(sql: string, ...values: SqlValue[]): void {
    const sent = this.run(sql, ...values).catch((error: unknown) => {
      this.firstFailure ??= error
    })
    this.#sent.push(sent)
  }

  /** Throws the first failure of what was sent. */
  async settled(): Promise<void> {
    await Promise.all(this.#sent)
    if (this.firstFailure !== undefined) throw this.firstFailure as Error // pg rejects with Errors only
  }
}
