import { pause } from '../../harness/eventually'
import type { RunningStack } from '../../harness/running-stack'

/** Waits until no order is pending or cancelling. Answers after how many seconds, or how many still are. */
export async function settled(stack: RunningStack, withinMs: number): Promise<{ seconds: number; unfinished: number }> {
  const began = performance.now()
  for (;;) {
    const unfinished = await stack.unfinished().catch(() => Number.NaN) // it may be starting
    const elapsedMs = performance.now() - began
    if (unfinished === 0 || elapsedMs > withinMs) return { seconds: elapsedMs / 1000, unfinished }
    await pause(100)
  }
}
