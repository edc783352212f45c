import type { System } from '../system'

const patienceMs = 10_000

/** Services start together: for the first seconds an unreachable upstream is no reason to warn. */
export class FirstContact {
  readonly #began: number
  #made = false

  constructor(private readonly system: Pick<System, 'monotonic'>) {
    this.#began = system.monotonic()
  }

  made(): void {
    this.#made = true
  }

  get level(): 'info' | 'warn' {
    return this.#made || this.system.monotonic() - this.#began >= patienceMs ? 'warn' : 'info'
  }
}
