import { pause } from '../../harness/eventually'
import type { RunningStack } from '../../harness/running-stack'

export interface Lag {
  events: number | null
  seconds: number
}

/** How far order-service says that it is behind user-service; undefined if it says nothing. */
export async function lagOf(stack: RunningStack): Promise<Lag | undefined> {
  const answer = await stack.ask('order-service', { path: '/health' }).catch(() => undefined)
  return answer?.status === 200 ? (answer.body.lag['user-service'] as Lag) : undefined
}

/** Returns after how many seconds nothing was left to follow, three times in a row; NaN if it was not within the time. */
export async function secondsUntilFollowed(stack: RunningStack, withinMs: number): Promise<number> {
  const began = performance.now()
  let inARow = 0
  let since = began
  while (inARow < 3) {
    if (performance.now() - began > withinMs) return Number.NaN
    const isFollowed = (await lagOf(stack))?.events === 0
    if (inARow === 0) since = performance.now()
    inARow = isFollowed ? inARow + 1 : 0
    await pause(200)
  }
  return (since - began) / 1000
}
