import { setTimeout as pause } from 'node:timers/promises'

/** What the promise resolves to, or undefined if that takes longer: whoever is frozen at the other end keeps nobody waiting. */
export async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T | undefined> {
  const over = new AbortController()
  try {
    return await Promise.race([promise, pause(milliseconds, undefined, { signal: over.signal })])
  } finally {
    over.abort()
  }
}
