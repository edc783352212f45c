import type { ClientBase } from 'pg'
import type { SqlValue, Transaction } from '../database'
import { prepare } from './sql'

/** One connection, on which a transaction runs. */
export class PostgresConnection implements Transaction {
  readonly isConcurrent = true

  constructor(private readonly client: Pick<ClientBase, 'query'>) {}

  async get<Row>(sql: string, ...values: SqlValue[]): Promise<Row | undefined> {
    const [row] = await this.all<Row>(sql, ...values)
    return row
  }

  async all<Row>(sql: string, ...values: SqlValue[]): Promise<Row[]> {
    const { rows } = await this.client.query({ ...prepare(sql), values })
    return rows as Row[] // see Queries: the schema vouches for it
  }

  async run(sql: string, ...values: SqlValue[]): Promise<number> {
    const { rowCount } = await this.client.query({ ...prepare(sql), values })
    return rowCount ?? 0
  }
}
