import type { System } from '../system'

const patienceMs = 10_000

/**
 * Whether an upstream was ever reached. Services are started together: for the first seconds, it is no reason to worry
 * that one is not there yet.
 */
export class FirstContact {
  readonly #began: number
  #made = false

  constructor(private readonly system: Pick<System, 'monotonic'>) {
    this.#began = system.monotonic()
  }

  made(): void {
    this.#made = true
  }

  /** The level at which to log that the upstream cannot be reached. */
  get level(): 'info' | 'warn' {
    return this.#made || this.system.monotonic() - this.#began >= patienceMs ? 'warn' : 'info'
  }
}
