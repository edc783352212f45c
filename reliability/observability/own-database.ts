import { randomBytes } from 'node:crypto'
import { Client } from 'pg'

export interface OwnDatabase {
  url: string
  run: (sql: string) => Promise<void>
  /** A session that keeps what it locks until `endSessions`. */
  session: () => Promise<Client>
  endSessions: () => Promise<void>
  drop: () => Promise<void>
}

/** A new database on the server, which must be nobody's in particular: it is dropped in the end. */
export async function createDatabase(server: string): Promise<OwnDatabase> {
  const name = `tandem_check_${randomBytes(4).toString('hex')}`
  const url = new URL(name, server).href
  const onServer = (sql: string) => runOn(server, sql)
  const sessions: Client[] = []
  const endSessions = async () => {
    for (const session of sessions.splice(0)) await session.end().catch(() => undefined) // it may be gone
  }
  await onServer(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'`)
  return {
    url,
    run: (sql) => runOn(url, sql),
    session: async () => {
      const client = await connected(url)
      sessions.push(client)
      return client
    },
    endSessions,
    drop: async () => {
      await endSessions()
      await onServer(`DROP DATABASE ${name} WITH (FORCE)`)
    },
  }
}

async function connected(url: string): Promise<Client> {
  const client = new Client({ connectionString: url })
  client.on('error', () => undefined) // the query that is running reports it
  await client.connect()
  return client
}

async function runOn(url: string, sql: string): Promise<void> {
  const client = await connected(url)
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
