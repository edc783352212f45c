import type { EventEmitter } from 'node:events'
import { Failure } from '../failure'
import { realSystem, type System } from '../system'

const longTurnMs = 30
const quietMs = 1_000

interface Limits {
  max: number
  /** How many are allowed however busy the processor is. */
  min: number
}

/**
 * At most so many requests are worked on at once; one more is told to come again. They may be that many while they wait for
 * something. Where they keep the processor busy each is in the way of all others, those that are refused included: while the
 * turns of the event loop are long, a fifth fewer are allowed after each, and one more after each short one (additive
 * increase, multiplicative decrease: Chiu and Jain 1989).
 */
export class ConcurrencyLimit {
  #count = 0
  #allowed: number
  #isTimed = false
  #lastTurnEnd = -Infinity

  /** What it watches is the real event loop, whatever clock a service is given. */
  constructor(
    private readonly limits: Limits,
    private readonly system: Pick<System, 'monotonic' | 'afterTurn'> = realSystem,
  ) {
    this.#allowed = limits.max
  }

  /** How many may be worked on at once just now. */
  get current(): number {
    return Math.ceil(this.#allowed)
  }

  get inFlight(): number {
    return this.#count
  }

  get isFull(): boolean {
    return this.#count >= this.#allowed
  }

  /** Is told of every request that comes, and so sees how long the turns are in which any do. */
  observeTurn(): void {
    if (this.#isTimed) return
    this.#isTimed = true
    const { max, min } = this.limits
    const began = this.system.monotonic()
    if (began - this.#lastTurnEnd > quietMs) this.#allowed = max
    this.system.afterTurn(() => {
      this.#isTimed = false
      this.#lastTurnEnd = this.system.monotonic()
      const wasLong = this.#lastTurnEnd - began > longTurnMs
      this.#allowed = wasLong ? Math.max(Math.min(min, max), 0.8 * this.#allowed) : Math.min(max, this.#allowed + 1)
    })
  }

  /**
   * Counts the request until its response is written, read or not, or it is given up, or leaves by itself. Throws
   * `overloaded`.
   */
  acquire(res: EventEmitter): () => void {
    if (this.isFull) throw new Failure('overloaded')
    this.#count += 1
    let here = true
    const leave = () => {
      if (here) this.#count -= 1
      here = false
    }
    res.once('prefinish', leave)
    res.once('close', leave)
    return leave
  }
}
