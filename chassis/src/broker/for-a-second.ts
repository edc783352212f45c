import { setTimeout as pause } from 'node:timers/promises'

/** Waits for the end of what closes, but a broker that is gone or frozen keeps nobody from stopping. */
export async function forASecond(closing: Promise<unknown>): Promise<void> {
  const end = new AbortController()
  const closed = closing
    .catch(() => undefined) // it was lost already
    .finally(() => {
      end.abort()
    })
  await Promise.race([closed, pause(1000, undefined, { signal: end.signal }).catch(() => undefined)])
}
