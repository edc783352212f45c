import type { System, Timer } from '../system'

interface Waiter {
  take: (granted: boolean) => void
  timer: Timer
}

/** Limits concurrent calls, and how many more may wait for a slot (the bulkhead pattern). */
export class Bulkhead {
  #inFlight = 0
  readonly #waiting = new Set<Waiter>()

  constructor(
    private readonly limits: { inFlight: number; waiting: number },
    private readonly system: Pick<System, 'setTimeout' | 'clearTimeout'>,
  ) {}

  get load(): { inFlight: number; waiting: number } {
    return { inFlight: this.#inFlight, waiting: this.#waiting.size }
  }

  /** Returns whether a slot was acquired in time; `release` each one that was. */
  async acquire(withinMs: number): Promise<boolean> {
    if (this.#inFlight < this.limits.inFlight) {
      this.#inFlight += 1
      return true
    }
    if (this.#waiting.size >= this.limits.waiting || withinMs <= 0) return false
    return new Promise((take) => {
      const timer = this.system.setTimeout(() => {
        this.#waiting.delete(place)
        take(false)
      }, withinMs)
      const place = { take, timer }
      this.#waiting.add(place)
    })
  }

  release(): void {
    const [next] = this.#waiting
    if (next === undefined) {
      this.#inFlight -= 1
      return
    }
    this.#waiting.delete(next)
    this.system.clearTimeout(next.timer)
    next.take(true) // passes the slot on
  }
}
