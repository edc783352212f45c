import type { ComposeStack } from '../../harness/compose-stack'
import { pause } from '../../harness/eventually'

/** Waits until no order is pending or cancelling. Answers after how many seconds, or how many still are. */
export async function settled(
  { rowsOf }: ComposeStack,
  withinMs: number,
): Promise<{ seconds: number; unfinished: number }> {
  const began = performance.now()
  for (;;) {
    const rows = await rowsOf<{ unfinished: number }>(
      'order-service',
      'SELECT COUNT(*) AS unfinished FROM orders WHERE due_at IS NOT NULL',
    ).catch(() => []) // it may be starting
    const unfinished = rows[0]?.unfinished ?? Number.NaN
    const elapsedMs = performance.now() - began
    if (unfinished === 0 || elapsedMs > withinMs) return { seconds: elapsedMs / 1000, unfinished }
    await pause(100)
  }
}
