import type { ClientRateLimitInfo, Store } from 'express-rate-limit'
import type { System } from '../system'

const windowMs = 60_000
const maxWindows = 10_000

interface Window {
  endsAt: number
  hits: number
}

/** One-minute windows for at most 10,000 clients: more addresses evade the limit, but cannot exhaust memory. */
export class RateWindows implements Store {
  readonly localKeys = true
  readonly #windows = new Map<string, Window>()

  constructor(private readonly system: Pick<System, 'monotonic'>) {}

  increment(client: string): ClientRateLimitInfo {
    const now = this.system.monotonic()
    this.#dropEnded(now)
    const window = this.#windows.get(client) ?? this.#begin(client, now)
    window.hits += 1
    // express-rate-limit compares this with the wall clock a little later, and rounds up: less than a second could become 0.
    const leftMs = Math.max(1_000, window.endsAt - now)
    return { totalHits: window.hits, resetTime: new Date(Date.now() + leftMs) }
  }

  decrement(client: string): void {
    const window = this.#windows.get(client)
    if (window) window.hits -= 1
  }

  resetKey(client: string): void {
    this.#windows.delete(client)
  }

  #begin(client: string, now: number): Window {
    const [oldest] = this.#windows.keys()
    if (this.#windows.size >= maxWindows && oldest !== undefined) this.#windows.delete(oldest)
    const window = { endsAt: now + windowMs, hits: 0 }
    this.#windows.set(client, window)
    return window
  }

  #dropEnded(now: number): void {
    for (const [client, { endsAt }] of this.#windows) {
      if (endsAt > now) return
      this.#windows.delete(client)
    }
  }
}
