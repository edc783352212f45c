import { signal } from '@preact/signals-core'

export const bucketMs = 2000
export const buckets = 90 // three minutes

export interface Point {
  count: number
  p50: number
  p99: number
}

/** How many there were, and how long they took in milliseconds, in each two seconds of the last three minutes. */
export class Series {
  readonly points = signal<readonly Point[]>(Array.from({ length: buckets }, () => empty))
  #current: number[] = []

  add(tookMs: number): void {
    this.#current.push(tookMs)
  }

  /** Ends a bucket. */
  turn(): void {
    const sorted = this.#current.sort((a, b) => a - b)
    this.#current = []
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
    const point = sorted.length === 0 ? empty : { count: sorted.length, p50: at(0.5), p99: at(0.99) }
    this.points.value = [...this.points.peek().slice(1), point]
  }
}

const empty: Point = { count: 0, p50: 0, p99: 0 }
