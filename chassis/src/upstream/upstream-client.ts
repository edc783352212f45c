import type { System } from '../system'
import { currentTrace, inSpan } from '../tracing/tracing'
import { CircuitBreaker } from './circuit-breaker'
import { Bulkhead } from './bulkhead'
import { NoResponse, type IncomingResponse, type OutgoingRequest, type Transport } from './transport'

export const attemptMs = 1_000
const minAttemptMs = 100
const maxAttempts = 3
const firstPauseMs = 50
export const callLimits = { inFlight: 128, waiting: 128 }

/** A parsed response below 500, or why each attempt failed. Empty `failures` means that nothing was sent. */
export type CallResult = { answered: true; status: number; body: unknown } | Unanswered

interface Unanswered {
  answered: false
  reason: string
  failures: readonly string[]
}

export interface CallOptions {
  /** On the monotonic clock. */
  deadline: number
  /** One attempt only: the caller paces its own retries. */
  once?: boolean
}

/**
 * Calls another service through a bulkhead, an overall deadline, a time-out for each attempt, retries with jitter and a
 * circuit breaker. Only for requests that are safe to repeat. No other layer retries.
 */
export class UpstreamClient {
  readonly breaker: CircuitBreaker
  readonly #limiter: Bulkhead

  constructor(
    private readonly transport: Transport,
    private readonly system: System,
  ) {
    this.breaker = new CircuitBreaker(system)
    this.#limiter = new Bulkhead(callLimits, system)
  }

  get load(): { inFlight: number; waiting: number } {
    return this.#limiter.load
  }

  async call(request: OutgoingRequest, options: CallOptions): Promise<CallResult> {
    if (!this.breaker.allowsCall) return unanswered('circuit-open')
    if (!(await this.#limiter.acquire(options.deadline - this.system.monotonic()))) return unanswered('busy')
    try {
      return await this.#attempts(request, options)
    } finally {
      this.#limiter.release()
    }
  }

  async #attempts(request: OutgoingRequest, { deadline, once = false }: CallOptions): Promise<CallResult> {
    const failures: string[] = []
    for (let attempt = 1; attempt <= (once ? 1 : maxAttempts); attempt++) {
      if (attempt > 1 && !this.breaker.allowsCall) break // do not wait just to be refused
      const pauseMs = attempt > 1 ? this.#pauseMs(attempt) : 0
      if (deadline - this.system.monotonic() - pauseMs < minAttemptMs) break
      if (pauseMs > 0) await this.#pause(pauseMs)
      const left = deadline - this.system.monotonic()
      if (left < minAttemptMs) break // timers may be late
      const leave = this.breaker.tryAcquire()
      if (leave === undefined) return unanswered(failures.at(-1) ?? 'circuit-open', failures)
      let result: CallResult | undefined
      try {
        result = await this.#attempt(request, Math.min(attemptMs, left))
      } finally {
        leave(result?.answered ?? false)
      }
      if (result.answered) return result
      failures.push(result.reason)
    }
    return unanswered(failures.at(-1) ?? 'no-time-left', failures)
  }

  #attempt(request: OutgoingRequest, timeoutMs: number): Promise<CallResult> {
    const attributes = { 'http.request.method': request.method }
    return inSpan(request.method, { kind: 'client', attributes }, async (span) => {
      const result = await this.#send(request, timeoutMs)
      if (result.answered) span?.set({ 'http.response.status_code': result.status })
      else span?.fail(result.reason)
      return result
    })
  }

  async #send(request: OutgoingRequest, timeoutMs: number): Promise<CallResult> {
    try {
      const trace = currentTrace()
      const traced = trace ? { ...request, headers: { ...request.headers, ...trace } } : request
      return readResponse(await this.transport.send(traced, timeoutMs))
    } catch (error) {
      if (error instanceof NoResponse) return unanswered(error.reason)
      throw error
    }
  }

  #pauseMs(attempt: number): number {
    return firstPauseMs * 2 ** (attempt - 1) * (0.5 + this.system.random() / 2)
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.system.setTimeout(resolve, milliseconds)
    })
  }
}

function readResponse({ status, body }: IncomingResponse): CallResult {
  if (status >= 500) return unanswered(`status-${status}`)
  try {
    return { answered: true, status, body: body === '' ? undefined : JSON.parse(body) }
  } catch {
    return unanswered('unreadable-response') // an unparsable response counts as none
  }
}

function unanswered(reason: string, failures: readonly string[] = []): Unanswered {
  return { answered: false, reason, failures }
}
