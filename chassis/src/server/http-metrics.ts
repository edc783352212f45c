import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { ConcurrencyLimit } from './concurrency-limit'

export interface HttpMetrics {
  /** A request has ended, with this status or `aborted`. */
  ended: (request: { method: string; route: string; status: number | 'aborted'; ms: number }) => void
  /** A request was refused because too many were in flight. */
  shed: () => void
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** Ids never are labels: a route is its pattern. */
export function httpMetrics(registry: Registry, limit: Pick<ConcurrencyLimit, 'current' | 'inFlight'>): HttpMetrics {
  const registers = [registry]
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the first byte of a request to the end of its response',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  })
  const shed = new Counter({
    name: 'http_requests_shed_total',
    help: 'Requests that were refused because too many were in flight',
    registers,
  })
  new Gauge({
    name: 'http_concurrency_limit',
    help: 'How many requests may be worked on at once: MAX_IN_FLIGHT, and fewer while the processor is busy',
    registers,
    collect() {
      this.set(limit.current)
    },
  })
  new Gauge({
    name: 'http_requests_in_flight',
    help: 'Requests that are worked on, out of those that the limit allows at once',
    registers,
    collect() {
      this.set(limit.inFlight)
    },
  })
  return {
    ended: ({ method, ms, ...labels }) => {
      durations.observe({ method: methodLabel(method), ...labels }, ms / 1000)
    },
    shed: () => {
      shed.inc()
    },
  }
}

/** The method, or `other` for those that nobody uses: callers could make a series of each. */
function methodLabel(method: string): string {
  return methods.has(method) ? method : 'other'
}
