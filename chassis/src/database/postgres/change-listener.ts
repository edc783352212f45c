import type { Log } from '../../log'
import { Loop } from '../../loop'
import type { System } from '../../system'
import { StandingConnection } from './standing-connection'

/** The channel on which whoever numbers events says that there are new ones. */
export const channel = 'events'

const pollMs = 1000

/** Tells its listeners when events were numbered by any process, and each second, as a notification can be lost. */
export class ChangeListener {
  readonly #listeners: (() => void)[] = []
  readonly #loop: Loop
  readonly #connection: StandingConnection

  constructor(url: string, system: Pick<System, 'setTimeout' | 'clearTimeout'>, log: Log) {
    this.#loop = new Loop(() => this.#poll(), system)
    this.#connection = new StandingConnection({
      config: { connectionString: url },
      log,
      purpose: 'not listening to the database',
      prepare: (client) => {
        client.on('notification', () => {
          this.#tell()
        })
        return client.query(`LISTEN ${channel}`)
      },
    })
  }

  /** It connects when the first listener is added. */
  add(listener: () => void): void {
    this.#listeners.push(listener)
    if (this.#listeners.length === 1) this.#loop.start()
  }

  async stop(): Promise<void> {
    await this.#loop.stop()
    await this.#connection.end()
  }

  async #poll(): Promise<number> {
    await this.#connection.client()
    this.#tell()
    return pollMs
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}
