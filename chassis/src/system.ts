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
  newId: () => v7(),
}

/** The wall clock as the contract writes times: ISO 8601 in UTC. */
export function timestamp(system: Pick<System, 'now'>): string {
  return new Date(system.now()).toISOString()
}
