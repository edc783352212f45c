import type { SteppedSide } from './stepped-side'

interface Fork {
  sides: readonly SteppedSide[]
  taken: number
}

/**
 * Which side goes on, at each step of a run: each run takes the first untried way at the last fork that has one.
 *
 * Two statements make no difference by their order if neither ends a transaction, and one of them only reads or they use
 * different tables: nobody sees what is not committed, and no table refers to another one. So such an order is tried once (a
 * sleep set, as in partial-order reduction).
 */
export class SchedulePath {
  readonly #forks: Fork[] = []
  #depth = 0
  #asleep: SteppedSide | undefined
  /** Whether the run is as one that was tried before. It goes on without a fork. */
  isRepetition = false

  choose(ready: readonly SteppedSide[]): SteppedSide {
    const sides = ready.filter((side) => side !== this.#asleep)
    const [first] = sides
    if (first === undefined) this.isRepetition = true
    if (this.isRepetition || first === undefined) return ready[0]!
    let fork = this.#forks[this.#depth]
    if (fork?.sides.length !== sides.length || fork.sides[0] !== first) {
      fork = { sides, taken: 0 }
      this.#forks.splice(this.#depth, Infinity, fork)
    }
    this.#depth += 1
    const taken = fork.sides[fork.taken]!
    const tried = fork.taken > 0 ? first : this.#asleep
    this.#asleep = tried !== undefined && areIndependent(tried, taken) ? tried : undefined
    return taken
  }

  /** Returns false if all ways were taken. */
  next(): boolean {
    this.#depth = 0
    this.#asleep = undefined
    this.isRepetition = false
    for (let fork = this.#forks.at(-1); fork !== undefined; fork = this.#forks.at(-1)) {
      fork.taken += 1
      if (fork.taken < fork.sides.length) return true
      this.#forks.pop()
    }
    return false
  }
}

function areIndependent(one: SteppedSide, other: SteppedSide): boolean {
  if (one.nextEnds || other.nextEnds) return false
  if (one.nextOnlyReads || other.nextOnlyReads) return true
  const used = new Set(other.nextUses)
  return !one.nextUses.some((it) => used.has(it))
}
