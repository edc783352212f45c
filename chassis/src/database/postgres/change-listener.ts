import { Client } from 'pg'
import type { Log } from '../../log'
import { Loop } from '../../loop'
import type { System } from '../../system'

/** The channel on which whoever numbers events says that there are new ones. */
export const channel = 'events'

const pollMs = 1000

/** Tells its listeners when events were numbered by any process, and each second, as a notification can be lost. */
export class ChangeListener {
  readonly #listeners: (() => void)[] = []
  readonly #loop: Loop
  #client: Client | undefined
  #failing = false

  constructor(
    private readonly url: string,
    system: Pick<System, 'setTimeout' | 'clearTimeout'>,
    private readonly log: Log,
  ) {
    this.#loop = new Loop(() => this.#poll(), system)
  }

  /** It connects when the first listener is added. */
  add(listener: () => void): void {
    this.#listeners.push(listener)
    if (this.#listeners.length === 1) this.#loop.start()
  }

  async stop(): Promise<void> {
    await this.#loop.stop()
    await this.#client?.end().catch(() => undefined) // it was lost already
  }

  async #poll(): Promise<number> {
    if (this.#client === undefined) await this.#connect()
    this.#tell()
    return pollMs
  }

  async #connect(): Promise<void> {
    const client = new Client({
      connectionString: this.url,
      connectionTimeoutMillis: 3000,
      query_timeout: 10_000,
      keepAlive: true,
    })
    const lose = () => {
      if (this.#client === client) this.#client = undefined
    }
    client.on('error', (error) => {
      if (this.#client === client) this.#failed(error)
      lose()
    })
    client.on('end', lose)
    client.on('notification', () => {
      this.#tell()
    })
    try {
      await client.connect()
      await client.query(`LISTEN ${channel}`)
      this.#client = client
      this.#failing = false
    } catch (error) {
      this.#failed(error as Error) // it rejects with Errors only
      await client.end().catch(() => undefined) // it never was connected
    }
  }

  /** Logs the first of several failures. */
  #failed({ message }: Error): void {
    if (!this.#failing) this.log.warn({ reason: message }, 'not listening to the database')
    this.#failing = true
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}
