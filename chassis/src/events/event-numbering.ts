import type { Database } from '../database/database'
import { maxNumbered, numberEvents } from '../database/postgres/number-events'
import { isUnavailable } from '../database/unavailable'
import type { Log } from '../log'
import { Loop } from '../loop'
import type { System } from '../system'

const pollMs = 20
const retryMs = 1000

interface Deps {
  database: Database
  system: Pick<System, 'setTimeout' | 'clearTimeout'>
  log: Log
}

/**
 * Gives committed events their numbers, without a gap; for databases whose transactions run at once. Every replica runs it,
 * and a lock lets one at a time.
 */
export class EventNumbering {
  readonly #loop: Loop

  constructor(private readonly deps: Deps) {
    this.#loop = new Loop(() => this.#step(), deps.system)
  }

  start(): void {
    this.#loop.start()
  }

  /** Numbers what was committed until now, too. */
  async stop(): Promise<void> {
    await this.#loop.stop()
    await this.#step()
  }

  async #step(): Promise<number> {
    const { database, log } = this.deps
    try {
      return (await numberEvents(database)) === maxNumbered ? 0 : pollMs
    } catch (error) {
      if (isUnavailable(error)) log.warn({ reason: (error as Error).message }, 'events cannot be numbered')
      else log.error({ err: error }, 'events cannot be numbered')
      return retryMs
    }
  }
}
