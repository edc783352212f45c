import { fields, number, text } from '../api/parse'

export interface Lag {
  events: number | null
  seconds: number | null
}

/** What GET /health says. */
export interface Health {
  version: string
  lag: Readonly<Record<string, Lag>>
}

export interface Circuit {
  upstream: string
  state: string
  /** When the open circuit lets the next request through. */
  probesAt: number | undefined
}

export interface Faults {
  latencyMs: number
  errorRate: number
  lostResponseRate: number
  frozen: boolean
  endsAt: number | undefined
}

/** What GET /status says. */
export interface Status {
  replica: string
  version: string
  uptimeSeconds: number
  requests: { inFlight: number; allowed: number }
  eventLoopDelayMs: number
  database: string
  broker: string | null
  unfinished: { pending: number; cancelling: number } | undefined
  circuits: readonly Circuit[]
  parkedEvents: number | undefined
  /** Undefined if CHAOS is off. */
  faults: Faults | undefined
}

export function healthIn(value: unknown): Health {
  const { version, lag } = fields(value)
  const lags = lag === undefined ? [] : Object.entries(fields(lag))
  return { version: text(version, 'a version'), lag: Object.fromEntries(lags.map(([feed, it]) => [feed, lagIn(it)])) }
}

export function statusIn(value: unknown): Status {
  const it = fields(value)
  const requests = fields(it.requests)
  const unfinished = optional(it.unfinished, fields)
  return {
    replica: text(it.replica, 'a replica'),
    version: text(it.version, 'a version'),
    uptimeSeconds: number(it.uptimeSeconds, 'an uptime'),
    requests: { inFlight: number(requests.inFlight, 'requests'), allowed: number(requests.allowed, 'a limit') },
    eventLoopDelayMs: number(it.eventLoopDelayMs, 'a delay'),
    database: text(it.database, 'a database'),
    broker: optional(it.broker, (state) => text(state, 'a broker')) ?? null,
    unfinished: unfinished && {
      pending: number(unfinished.pending, 'a count'),
      cancelling: number(unfinished.cancelling, 'a count'),
    },
    circuits: Array.isArray(it.circuits) ? it.circuits.map(circuitIn) : [],
    parkedEvents: optional(it.parkedEvents, (count) => number(count, 'a count')),
    faults: optional(it.faults, faultsIn),
  }
}

export function faultsIn(value: unknown): Faults {
  const { latencyMs, errorRate, lostResponseRate, frozen, endsAt } = fields(value)
  return {
    latencyMs: number(latencyMs, 'a latency'),
    errorRate: number(errorRate, 'a rate'),
    lostResponseRate: number(lostResponseRate, 'a rate'),
    frozen: frozen === true,
    endsAt: optional(endsAt, time),
  }
}

function circuitIn(value: unknown): Circuit {
  const { upstream, state, probesAt } = fields(value)
  return { upstream: text(upstream, 'an upstream'), state: text(state, 'a state'), probesAt: optional(probesAt, time) }
}

function lagIn(value: unknown): Lag {
  const { events, seconds } = fields(value)
  return {
    events: optional(events, (it) => number(it, 'a lag')) ?? null,
    seconds: optional(seconds, (it) => number(it, 'a lag')) ?? null,
  }
}

function time(value: unknown): number {
  return Date.parse(text(value, 'a time'))
}

function optional<T>(value: unknown, read: (value: unknown) => T): T | undefined {
  return value === null || value === undefined ? undefined : read(value)
}
