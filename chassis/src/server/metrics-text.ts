import type { Registry } from 'prom-client'
import { isUnavailable } from '../database/unavailable'
import type { System } from '../system'
import { within } from '../within'

const keptMs = 1_000
const maxCollectMs = 2_000

/**
 * The metrics as Prometheus reads them: made once for all who ask at the same time or within a second after that. Those that
 * cannot be read in time are left out: while the database is away, the others matter most.
 */
export function metricsText(registry: Registry, system: Pick<System, 'monotonic'>): () => Promise<Buffer> {
  let text: Promise<Buffer> | undefined
  let expires = 0
  const textOf = async ({ name }: { name: string }) => {
    try {
      return await within(maxCollectMs, registry.getSingleMetricAsString(name))
    } catch (error) {
      if (isUnavailable(error)) return undefined
      throw error
    }
  }
  const textOfAll = async () => {
    const texts = await Promise.all(registry.getMetricsAsArray().map(textOf))
    return `${texts.filter((it) => it !== undefined).join('\n\n')}\n`
  }
  const make = async () => {
    try {
      return Buffer.from(await textOfAll())
    } finally {
      expires = system.monotonic() + keptMs
    }
  }
  return () => {
    if (text && system.monotonic() < expires) return text
    expires = Infinity // until it is made
    text = make()
    return text
  }
}
