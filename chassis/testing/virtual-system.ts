import { pendingQueries, testServer } from './postgres'
import { realSystem, type System } from '@tandem/chassis/system'

interface VirtualTimer {
  at: number
  callback: () => void
}

/** A system whose time passes only when a test says so; chance always lands in the middle. */
export class VirtualSystem implements System {
  #elapsed = 0
  #wallOffset = Date.parse('2026-01-01T00:00:00.000Z')
  #timers = new Map<number, VirtualTimer>()
  #lastTimer = 0

  readonly newId = (): string => realSystem.newId()
  readonly afterTurn = (callback: () => void): void => {
    realSystem.afterTurn(callback)
  }

  now(): number {
    return Math.floor(this.#wallOffset + this.#elapsed) // as Date.now() does
  }

  monotonic(): number {
    return this.#elapsed
  }

  random(): number {
    return 0.5
  }

  setTimeout(callback: () => void, milliseconds: number): number {
    this.#lastTimer += 1
    this.#timers.set(this.#lastTimer, { at: this.#elapsed + Math.max(1, milliseconds), callback })
    return this.#lastTimer
  }

  clearTimeout(timer: NodeJS.Timeout | number): void {
    this.#timers.delete(timer as number) // made above
  }

  /** How many timers have been set and are not due yet. */
  get timers(): number {
    return this.#timers.size
  }

  /** Sets the wall clock on or back, while no time passes. */
  jump(milliseconds: number): void {
    this.#wallOffset += milliseconds
  }

  /** Lets time pass; each timer that falls due finds everything before it done. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.#elapsed + milliseconds
    await settled()
    for (let next = this.#nextBefore(end); next !== undefined; next = this.#nextBefore(end)) {
      const [timer, { at, callback }] = next
      this.#timers.delete(timer)
      this.#elapsed = Math.max(this.#elapsed, at)
      callback()
      await settled()
    }
    this.#elapsed = end
    await settled()
  }

  #nextBefore(end: number): [number, VirtualTimer] | undefined {
    const due = [...this.#timers].filter(([, { at }]) => at <= end)
    return due.sort(([, a], [, b]) => a.at - b.at)[0]
  }
}

/** PostgreSQL is reached through the network, and its answers come between the turns. */
const networkMs = testServer === undefined ? 0 : 2

/** Lets everything happen that needs no time: promises and commits. */
export async function settled(): Promise<void> {
  for (let turn = 0, since = performance.now(); turn < 20 || performance.now() - since < networkMs; turn++) {
    if (pendingQueries() > 0) [turn, since] = [0, performance.now()]
    await new Promise((resolve) => setImmediate(resolve))
  }
}
