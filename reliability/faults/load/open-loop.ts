import { performance } from 'node:perf_hooks'
import { setTimeout as wait } from 'node:timers/promises'

/** Starts each call at its time, whatever the calls before it do; `call` reports its own result. */
export interface Timed<Result> {
  /** When it was to be made, in milliseconds since the first. */
  atMs: number
  /** From then until it was answered: what waits for a late caller is waited for too. */
  tookMs: number
  /** How much too late it was made: that is the callers' fault, or that of a machine which is too busy for them. */
  lateMs: number
  /** Undefined where no answer came. */
  result: Result | undefined
}

/** Calls so often a second, at even times, until `goOn` says no. Answers once all have been answered. */
export async function openLoop<Result>(
  perSecond: number,
  goOn: (atMs: number) => boolean,
  call: () => Promise<Result>,
): Promise<Timed<Result>[]> {
  const began = performance.now()
  const calls: Promise<Timed<Result>>[] = []
  for (let atMs = 0; goOn(atMs); atMs += 1000 / perSecond) {
    await wait(Math.max(0, began + atMs - performance.now()))
    const lateMs = performance.now() - began - atMs
    calls.push(
      call()
        .catch(() => undefined)
        .then((result) => ({ atMs, tookMs: performance.now() - began - atMs, lateMs, result })),
    )
  }
  return Promise.all(calls)
}

/** The value that so much of the values are at most, by nearest rank; 0.99 for the 99th percentile. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}
