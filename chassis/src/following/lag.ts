import type { System } from '../system'
import type { ReadPage } from './event-source'

export interface Lag {
  /** How many events were not yet applied at the last response; null if unknown. */
  events: number | null
  /** How long `events` may have been above zero. */
  seconds: number
}

/** What a lag is computed from. Times are in milliseconds since the epoch. */
export interface Measured {
  events: number | null
  /** Since when `events` may have been above zero. */
  behindSince: number | null
}

export function lagOf({ events, behindSince }: Measured, system: Pick<System, 'now'>): Lag {
  const behindMs = behindSince === null ? 0 : system.now() - behindSince
  return { events, seconds: Math.max(0, behindMs) / 1000 }
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

  get measured(): Measured {
    return { events: this.#events, behindSince: this.#behindSince ?? null }
  }

  get lag(): Lag {
    return lagOf(this.measured, this.system)
  }

  applied({ events, remaining }: ReadPage): void {
    this.#lastResponse = this.system.now()
    const last = events.at(-1)
    this.#events = remaining ?? (last ? null : 0)
    if (this.#events === 0) this.#behindSince = undefined
    else if (last) this.#behindSince = Date.parse(last.time)
    else this.#behindSince ??= this.#lastResponse // those that remain have no numbers, so that nobody can read them
  }

  failed(): void {
    this.#behindSince ??= this.#lastResponse
  }

  startedOver(): void {
    this.#events = null
    this.#behindSince ??= this.system.now()
  }
}
