import { createHash } from 'node:crypto'
import { randomNumbers } from '../harness/random-numbers'

interface Happening {
  at: number
  /** Decides among those of the same moment. */
  order: number
  callback: () => void
}

/**
 * Virtual time, and all that is going to happen in it. Each happening finds everything that follows from the one before
 * it done. What happens at the same moment does so in an order that the seed decides.
 */
export class World {
  readonly random: () => number
  readonly lines: string[] = []
  #elapsed = 0
  #heap: Happening[] = []
  readonly #hash = createHash('sha256')

  constructor(seed: number) {
    this.random = randomNumbers(seed)
  }

  /** Milliseconds since the beginning. */
  get elapsed(): number {
    return this.#elapsed
  }

  after(milliseconds: number, callback: () => void): void {
    push(this.#heap, { at: this.#elapsed + Math.max(0, milliseconds), order: this.random(), callback })
  }

  pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(milliseconds, resolve)
    })
  }

  /** Lets everything happen up to that moment. */
  async runUntil(end: number): Promise<void> {
    for (let next = this.#heap[0]; next !== undefined && next.at <= end; next = this.#heap[0]) {
      pop(this.#heap)
      this.#elapsed = Math.max(this.#elapsed, next.at)
      next.callback()
      await allDone()
    }
    this.#elapsed = Math.max(this.#elapsed, end)
  }

  /** A line of the trace. */
  tell(line: string): void {
    const told = `${this.#elapsed.toFixed(3)} ${line}`
    this.#hash.update(told)
    this.lines.push(told)
  }

  /** Of the trace so far: the same for the same story. */
  traceHash(): string {
    return this.#hash.copy().digest('hex').slice(0, 16)
  }
}

/** Everything that needs no time: a promise's callbacks all run before the event loop's next turn. */
function allDone(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

function isBefore(a: Happening, b: Happening): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}

/** A binary heap, the next one first. */
function push(heap: Happening[], added: Happening): void {
  let i = heap.push(added) - 1
  while (i > 0) {
    const parent = (i - 1) >> 1
    const above = heap[parent]
    if (above === undefined || !isBefore(added, above)) break
    heap[i] = above
    i = parent
  }
  heap[i] = added
}

function pop(heap: Happening[]): void {
  const moved = heap.pop()
  if (moved === undefined || heap.length === 0) return
  let i = 0
  for (;;) {
    const [left, right] = [heap[2 * i + 1], heap[2 * i + 2]]
    const earlier = left !== undefined && right !== undefined && isBefore(right, left) ? right : left
    if (earlier === undefined || !isBefore(earlier, moved)) break
    heap[i] = earlier
    i = earlier === left ? 2 * i + 1 : 2 * i + 2
  }
  heap[i] = moved
}
