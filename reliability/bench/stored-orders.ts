import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'

/** Waits until all orders in the file are confirmed. Throws if they never are, or if there are more or fewer of them. */
export async function whenConfirmed(file: string, acknowledged: number, withinMs = 10_000): Promise<void> {
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    const count = database.prepare(
      "SELECT COUNT(*) AS stored, COUNT(*) FILTER (WHERE status <> 'confirmed') AS others FROM orders",
    )
    const until = performance.now() + withinMs
    for (;;) {
      const row = count.get()
      const [stored, others] = [Number(row?.stored), Number(row?.others)]
      if (stored !== acknowledged) throw new Error(`${acknowledged} orders were acknowledged, but ${stored} are stored`)
      if (others === 0) return
      if (performance.now() > until) throw new Error(`${others} of ${stored} orders were not confirmed`)
      await pause(100)
    }
  } finally {
    database.close()
  }
}
