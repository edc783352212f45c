import type { EventEmitter } from 'node:events'
import { Failure } from '../failure'
import { realSystem, type System } from '../system'

const longTurnMs = 30
const alwaysAllowed = 64

/**
 * At most so many requests are worked on at once; one more is told to come again. They may be that many while they wait for
 * something. Where they keep the processor busy each is in the way of all others, those that are refused included: while the
 * turns of the event loop are long, a fifth fewer are allowed after each, down to 64, and one more after each short one
 * (additive increase, multiplicative decrease: Chiu and Jain 1989).
 */
export class InFlight {
  #count = 0
  #allowed: number
  #isTimed = false

  /** What it watches is the real event loop, whatever clock a service is given. */
  constructor(
    private readonly limit: number,
    private readonly system: Pick<System, 'monotonic' | 'afterTurn'> = realSystem,
  ) {
    this.#allowed = limit
  }

  get isFull(): boolean {
    return this.#count >= this.#allowed
  }

  /** Is told of every request that comes, and so sees how long the turns are in which any do. */
  noteArrival(): void {
    if (this.#isTimed) return
    this.#isTimed = true
    const began = this.system.monotonic()
    this.system.afterTurn(() => {
      this.#isTimed = false
      const wasLong = this.system.monotonic() - began > longTurnMs
      this.#allowed = wasLong
        ? Math.max(Math.min(alwaysAllowed, this.limit), 0.8 * this.#allowed)
        : Math.min(this.limit, this.#allowed + 1)
    })
  }

  /** Counts the request until it is answered or given up, or leaves by itself. Throws `overloaded`. */
  admit(res: EventEmitter): () => void {
    if (this.isFull) throw new Failure('overloaded')
    this.#count += 1
    let here = true
    const leave = () => {
      if (here) this.#count -= 1
      here = false
    }
    res.once('close', leave)
    return leave
  }
}
