import { setTimeout as pause } from 'node:timers/promises'

/** What the promise resolves to, or undefined if that takes longer: a broker that is frozen keeps nobody waiting. */
export async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T | undefined> {
  const over = new AbortController()
  try {
    return await Promise.race([promise, pause(milliseconds, undefined, { signal: over.signal })])
  } finally {
    over.abort()
  }
}
