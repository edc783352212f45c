import type { Response } from 'express'
import { Failure } from '../failure'

/** At most so many requests are worked on at once; one more is told to come again. */
export class InFlight {
  #count = 0

  constructor(private readonly limit: number) {}

  get isFull(): boolean {
    return this.#count >= this.limit
  }

  /** Counts the request until it is answered or given up, or leaves by itself. Throws `overloaded`. */
  admit(res: Response): () => void {
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
