import type { System } from '../system'
import type { ReadPage } from './feed-client'

export interface Lag {
  /** How many events were not yet applied at the last response; null if unknown. */
  events: number | null
  /** How long `events` may have been above zero. */
  seconds: number
}

/** Measures how far a follower is behind. While its feed is unreadable, that is the time since the last read. */
export class LagMeter {
  #events: number | null = null
  #behindSince: number | undefined
  #lastResponse: number

  constructor(private readonly system: Pick<System, 'now'>) {
    this.#behindSince = this.#lastResponse = system.now()
  }

  get behind(): boolean {
    return this.#behindSince !== undefined
  }

  get lag(): Lag {
    const behindMs = this.#behindSince === undefined ? 0 : this.system.now() - this.#behindSince
    return { events: this.#events, seconds: Math.max(0, behindMs) / 1000 }
  }

  applied({ events, remaining }: ReadPage): void {
    this.#lastResponse = this.system.now()
    const last = events.at(-1)
    this.#events = remaining ?? (last ? null : 0)
    if (this.#events === 0) this.#behindSince = undefined
    else if (last) this.#behindSince = Date.parse(last.time)
  }

  failed(): void {
    this.#behindSince ??= this.#lastResponse
  }

  startedOver(): void {
    this.#events = null
    this.#behindSince ??= this.system.now()
  }
}
