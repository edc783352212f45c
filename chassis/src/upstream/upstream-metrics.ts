import { Gauge, type Registry } from 'prom-client'
import type { UpstreamClient } from './upstream-client'

export function upstreamMetrics(registry: Registry, name: string, upstream: UpstreamClient): void {
  const gauge = (metric: string, help: string, read: () => number) =>
    new Gauge({
      name: metric,
      help,
      labelNames: ['upstream'],
      registers: [registry],
      collect() {
        this.set({ upstream: name }, read())
      },
    })
  gauge('upstream_circuit_open', 'Whether the circuit to the upstream is open (1) or closed (0)', () =>
    upstream.breaker.isOpen ? 1 : 0,
  )
  gauge('upstream_calls_in_flight', 'Calls to the upstream in progress', () => upstream.load.inFlight)
  gauge('upstream_calls_waiting', 'Calls to the upstream waiting for a slot', () => upstream.load.waiting)
}
