import type { Registry } from 'prom-client'
import type { System } from '../system'

const keptMs = 1_000

/** The metrics as Prometheus reads them: made once for all who ask at the same time or within a second after that. */
export function metricsText(registry: Registry, system: Pick<System, 'monotonic'>): () => Promise<Buffer> {
  let text: Promise<Buffer> | undefined
  let expires = 0
  const make = async () => {
    try {
      return Buffer.from(await registry.metrics())
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
