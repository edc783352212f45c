import { randomFillSync } from 'node:crypto'
import { v7 } from 'uuid'

export type Timer = NodeJS.Timeout | number

/** What a service takes from the world around it. It is passed in, so that a test or a simulation can own it. */
export interface System {
  /** Wall clock, in milliseconds since the epoch. May jump: never measure a duration with it. */
  now(): number
  /** Milliseconds that only ever grow, for durations and deadlines. */
  monotonic(): number
  setTimeout(callback: () => void, milliseconds: number): Timer
  clearTimeout(timer: Timer): void
  /** Calls back once the current turn of the event loop has ended. */
  afterTurn(callback: () => void): void
  /** A number in [0, 1). */
  random(): number
  /** A new UUIDv7 (RFC 9562), sorted by the time it was made. */
  newId(): string
}

/**
 * Makes UUIDv7s that grow, also within a millisecond and when the clock is set back. Their random bytes come from a pool:
 * asking the kernel for each one took 7 % of a busy service's time.
 */
function idSource(): () => string {
  const pool = Buffer.alloc(4096)
  let used = pool.length
  let milliseconds = 0
  let sequence = 0
  return () => {
    if (used === pool.length) {
      randomFillSync(pool)
      used = 0
    }
    const random = pool.subarray(used, (used += 16))
    const now = Date.now()
    sequence = now > milliseconds ? random.readUInt32BE() >>> 1 : sequence + 1
    milliseconds = Math.max(now, milliseconds)
    return v7({ msecs: milliseconds, seq: sequence, random })
  }
}

export const realSystem: System = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (callback, milliseconds) => setTimeout(callback, milliseconds),
  clearTimeout: (timer) => {
    clearTimeout(timer)
  },
  afterTurn: (callback) => {
    setImmediate(callback)
  },
  random: () => Math.random(),
  newId: idSource(),
}

/** The wall clock as the contract writes times: ISO 8601 in UTC. */
export function timestamp(system: Pick<System, 'now'>): string {
  return new Date(system.now()).toISOString()
}
