import type { System } from '../system'
import type { ReadPage } from './feed-client'

export interface Lag {
  /** How many events the feed has beyond those that were taken, when it last answered; null where that is not known. */
  events: number | null
  /** For how long that may have been more than none. */
  seconds: number
}

/** Keeps account of how far a follower is behind. While its feed cannot be read, that is the time since it last could. */
export class LagMeter {
  #events: number | null = null
  #behindSince: number | undefined
  #lastAnswer: number

  constructor(private readonly system: Pick<System, 'now'>) {
    this.#behindSince = this.#lastAnswer = system.now()
  }

  /** Whether there may be more than was taken. */
  get behind(): boolean {
    return this.#behindSince !== undefined
  }

  get lag(): Lag {
    const behindMs = this.#behindSince === undefined ? 0 : this.system.now() - this.#behindSince
    return { events: this.#events, seconds: Math.max(0, behindMs) / 1000 }
  }

  /** A page was read and taken. */
  taken({ events, remaining }: ReadPage): void {
    this.#lastAnswer = this.system.now()
    const last = events.at(-1)
    this.#events = remaining ?? (last ? null : 0)
    if (this.#events === 0) this.#behindSince = undefined
    else if (last) this.#behindSince = Date.parse(last.time)
  }

  /** The feed could not be read, or not be taken. */
  failed(): void {
    this.#behindSince ??= this.#lastAnswer
  }

  /** Everything is to be read again. */
  startedOver(): void {
    this.#events = null
    this.#behindSince ??= this.system.now()
  }
}
