import type { System } from '../system'

const failuresInARow = 5
const windowSize = 20
const failuresInWindow = 10
const retryAfterMs = 1_000

/**
 * Stops asking a neighbour that does not answer. It opens after 5 failures in a row, or 10 among the last 20 outcomes;
 * while it is open only probes go out, one at a time and not before a second has passed. A probe that succeeds closes it.
 */
export class CircuitBreaker {
  #outcomes: boolean[] = []
  #openedAt: number | undefined
  #probing = false

  constructor(private readonly system: Pick<System, 'monotonic'>) {}

  get isOpen(): boolean {
    return this.#openedAt !== undefined
  }

  /** How long until a probe may go out, in milliseconds; 0 where anything may. */
  get quietMs(): number {
    if (this.#openedAt === undefined) return 0
    return Math.max(0, Math.ceil(this.#openedAt + retryAfterMs - this.system.monotonic()))
  }

  /**
   * Asks for leave to call; undefined where there is none. The outcome is told to what is answered: whether the neighbour
   * answered.
   */
  enter({ probe }: { probe: boolean }): ((succeeded: boolean) => void) | undefined {
    if (!this.isOpen)
      return (succeeded) => {
        this.#record(succeeded)
      }
    if (!probe || this.#probing || this.quietMs > 0) return undefined
    this.#probing = true
    return (succeeded) => {
      this.#probing = false
      if (succeeded) this.#close()
      else this.#open()
    }
  }

  #record(succeeded: boolean): void {
    if (this.isOpen) return // it was on its way when others opened the circuit: a probe decides
    this.#outcomes = [...this.#outcomes.slice(1 - windowSize), succeeded]
    const failures = this.#outcomes.filter((outcome) => !outcome).length
    const inARow = this.#outcomes.length - 1 - this.#outcomes.lastIndexOf(true)
    const halfFailed = this.#outcomes.length === windowSize && failures >= failuresInWindow
    if (inARow >= failuresInARow || halfFailed) this.#open()
  }

  #open(): void {
    this.#openedAt = this.system.monotonic()
  }

  #close(): void {
    this.#openedAt = undefined
    this.#outcomes = []
  }
}
