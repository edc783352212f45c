import type { System } from '@tandem/chassis/system'
import { attemptMs, type CallOptions } from '@tandem/chassis/upstream/upstream-client'

// When an unfinished order is tried again. The attempts within a call and the circuit breaker are in upstream-client.ts.

/** How long an order is left to its own request, or to the settler that has claimed it: longer than either may take. */
export const leaseMs = 5_000

/** How far apart the clocks of replicas may be. */
export const maxClockDifferenceMs = 60_000

/** How long the settler waits if nothing is due. */
export const idleMs = 500

export const minPauseMs = 1_000
export const maxOrderPauseMs = 60_000
export const maxUpstreamPauseMs = 5_000

/** For a caller whose order or cancellation is stored. */
export function whileCallerWaits(system: Pick<System, 'monotonic'>): CallOptions {
  return { deadline: system.monotonic() + 3_000 }
}

/** For the settler, which paces the attempts itself. */
export function oneAttempt(system: Pick<System, 'monotonic'>): CallOptions {
  return { deadline: system.monotonic() + attemptMs, once: true }
}

/** After `failures` attempts of an order that fails while user-service responds: doubles from 1 s to 60 s, with jitter. */
export function orderPauseMs(failures: number, system: Pick<System, 'random'>): number {
  const maxMs = Math.min(maxOrderPauseMs, minPauseMs * 2 ** (failures - 1))
  return Math.round(maxMs * (0.5 + system.random() / 2))
}

/** The next pause of all orders while user-service does not respond: grows by half, from 1 s to 5 s. */
export function nextUpstreamPauseMs(pauseMs: number): number {
  return Math.min(maxUpstreamPauseMs, Math.max(minPauseMs, pauseMs * 1.5))
}

export function withJitter(pauseMs: number, system: Pick<System, 'random'>): number {
  return pauseMs * (0.8 + 0.2 * system.random())
}
