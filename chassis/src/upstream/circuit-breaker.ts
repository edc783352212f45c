import type { System } from '../system'

const failuresInARow = 5
const windowSize = 20
const failuresInWindow = 10
const cooldownMs = 1_000

/** Half-open: the next call is a probe, or one is in flight. */
export type CircuitState = 'closed' | 'open' | 'half-open'

/** Opens after 5 failures in a row or 10 in the last 20 calls. A second later one probe goes out and decides. */
export class CircuitBreaker {
  #outcomes: boolean[] = []
  #openedAt: number | undefined
  #probing = false

  constructor(private readonly system: Pick<System, 'monotonic'>) {}

  get isOpen(): boolean {
    return this.#openedAt !== undefined
  }

  get state(): CircuitState {
    if (!this.isOpen) return 'closed'
    return this.#probing || this.cooldownMs === 0 ? 'half-open' : 'open'
  }

  get cooldownMs(): number {
    if (this.#openedAt === undefined) return 0
    return Math.max(0, Math.ceil(this.#openedAt + cooldownMs - this.system.monotonic()))
  }

  get allowsCall(): boolean {
    return !this.isOpen || (!this.#probing && this.cooldownMs === 0)
  }

  /** Returns a function that reports the call's outcome, or undefined if the call is not allowed. */
  tryAcquire(): ((succeeded: boolean) => void) | undefined {
    if (!this.allowsCall) return undefined
    if (!this.isOpen)
      return (succeeded) => {
        this.#record(succeeded)
      }
    this.#probing = true
    return (succeeded) => {
      this.#probing = false
      if (succeeded) this.#close()
      else this.#open()
    }
  }

  #record(succeeded: boolean): void {
    if (this.isOpen) return // sent before the circuit opened: only a probe decides
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
