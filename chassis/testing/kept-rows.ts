import type { Client } from 'pg'

/** The rows of all tables, as they were when they were kept under a name. */
export class KeptRows {
  private constructor(
    private readonly client: Client,
    private readonly tables: string[],
  ) {}

  static async of(client: Client): Promise<KeptRows> {
    const { rows } = await client.query<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.tables
       WHERE table_schema = current_schema() AND table_name <> 'migrations' ORDER BY 1`,
    )
    return new KeptRows(
      client,
      rows.map(({ name }) => name),
    )
  }

  async keep(as: string): Promise<void> {
    await this.#forEach(
      (table) => `DROP TABLE IF EXISTS ${as}_${table}; CREATE TEMP TABLE ${as}_${table} AS TABLE ${table}`,
    )
  }

  async restore(as: string): Promise<void> {
    await this.#forEach(
      (table) =>
        `DELETE FROM ${table}; INSERT INTO ${table} OVERRIDING SYSTEM VALUE SELECT * FROM pg_temp.${as}_${table}`,
    )
  }

  /** Events by subject, as nothing is promised about those of two; all else by its columns. */
  async read(): Promise<Record<string, unknown>> {
    const columns = this.tables.map((table) =>
      table === 'events'
        ? `(SELECT json_agg(to_jsonb(t) - 'position' ORDER BY subject, position) FROM events t) AS events`
        : `(SELECT json_agg(t ORDER BY t) FROM ${table} t) AS ${table}`,
    )
    const { rows } = await this.client.query<Record<string, unknown>>(`SELECT ${columns.join(', ')}`)
    return Object.fromEntries(Object.entries(rows[0] ?? {}).filter(([, value]) => value !== null))
  }

  async #forEach(statements: (table: string) => string): Promise<void> {
    await this.client.query(this.tables.map(statements).join(';'))
  }
}

type Row = Record<string, unknown>

/** The rows as a service prints them for the audit, which calls a row of each table by its kind. */
export async function* printed(rows: Record<string, unknown>, kinds: Record<string, string>): AsyncGenerator<object> {
  for (const [table, kind] of Object.entries(kinds)) {
    for (const row of (rows[table] ?? []) as Row[]) {
      const members = Object.entries(row).map(([column, value]) => [
        column.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
        column === 'data' ? JSON.parse(value as string) : value,
      ])
      yield { kind, ...Object.fromEntries(members) }
    }
  }
}
