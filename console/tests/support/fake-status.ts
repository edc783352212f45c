/** What GET /status returns, with the fields that a test is about. */
export function status(fields: object = {}): object {
  return {
    service: 'order-service',
    version: '0.1.0',
    replica: 'a1',
    uptimeSeconds: 5,
    requests: { inFlight: 1, allowed: 256 },
    eventLoopDelayMs: 2,
    database: 'sqlite',
    broker: null,
    unfinished: { pending: 2, cancelling: 1 },
    circuits: [{ upstream: 'user-service', state: 'open', probesAt: '2026-01-01T00:00:01Z', inFlight: 0 }],
    lag: {},
    parkedEvents: 0,
    faults: { latencyMs: 0, errorRate: 0, lostResponseRate: 0, frozen: true, endsAt: '2026-01-01T00:01:00Z' },
    ...fields,
  }
}
