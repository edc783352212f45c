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
  #cause: string | undefined
  #failures = 0

  constructor(private readonly deps: Deps) {
    this.#loop = new Loop(() => this.#step(), deps.system)
  }

  /** How many attempts have failed. */
  get failures(): number {
    return this.#failures
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
    try {
      const numbered = await numberEvents(this.deps.database)
      if (this.#cause !== undefined) this.deps.log.info('events can be numbered again')
      this.#cause = undefined
      return numbered === maxNumbered ? 0 : pollMs
    } catch (error) {
      this.#failed(error as Error) // databases reject with Errors only
      return retryMs
    }
  }

  /** Logs the first of several failures for one cause. */
  #failed(error: Error): void {
    this.#failures += 1
    if (this.#cause === error.message) return
    this.#cause = error.message
    if (isUnavailable(error)) this.deps.log.warn({ reason: error.message }, 'events cannot be numbered')
    else this.deps.log.error({ err: error }, 'events cannot be numbered')
  }
}
