import { Client, type ClientConfig } from 'pg'
import type { Log } from '../../log'
import { within } from '../../within'

interface Options {
  config: ClientConfig
  log: Log
  /** What cannot be done without it, for the log. */
  purpose: string
  /** Runs on each new connection. */
  prepare?: (client: Client) => Promise<unknown>
}

const maxCloseMs = 1000

/** One connection beside the pool, for what belongs to a session. It is made again once it was lost. */
export class StandingConnection {
  #client: Client | undefined
  #failing = false

  constructor(private readonly options: Options) {}

  /** Connects if need be. Returns undefined, and logs the first of several failures, if that is not possible now. */
  async client(): Promise<Client | undefined> {
    if (this.#client !== undefined) return this.#client
    const client = new Client({
      connectionTimeoutMillis: 3000,
      query_timeout: 10_000,
      keepAlive: true,
      ...this.options.config,
    })
    client.on('error', (error) => {
      if (this.#client === client) this.#failed(error)
      this.#lose(client)
    })
    client.on('end', () => {
      this.#lose(client)
    })
    try {
      await client.connect()
      await this.options.prepare?.(client)
      this.#client = client
      this.#failing = false
    } catch (error) {
      await this.drop(client, error as Error) // it rejects with Errors only
    }
    return this.#client
  }

  /** For a connection on which a query has failed: the next one is a new one. */
  async drop(client: Client, error: Error): Promise<void> {
    this.#failed(error)
    this.#lose(client)
    await closed(client)
  }

  async end(): Promise<void> {
    if (this.#client !== undefined) await closed(this.#client)
  }

  #lose(client: Client): void {
    if (this.#client === client) this.#client = undefined
  }

  #failed({ message }: Error): void {
    const { log, purpose } = this.options
    if (!this.#failing) log.warn({ reason: message }, purpose)
    this.#failing = true
  }
}

/** It waits for the server to close it, too. */
async function closed(client: Client): Promise<void> {
  const end = client.end().catch(() => undefined) // it was lost already, or never made
  await within(maxCloseMs, end)
}
