import type { System } from '../system'
import { CircuitBreaker } from './circuit-breaker'
import { Limiter } from './limiter'
import { NoAnswer, type IncomingAnswer, type OutgoingRequest, type Transport } from './transport'

const attemptMs = 1_000
const leastAttemptMs = 100
const maxAttempts = 3
const firstPauseMs = 50

/** An answer below 500 that parses, or why there is none. Not `asked` means that nothing was sent. */
export type CallResult =
  { answered: true; status: number; body: unknown } | { answered: false; asked: boolean; reason: string }

export interface CallOptions {
  /** On the monotonic clock: when the caller will wait no longer. */
  deadline: number
  /** One attempt, which goes out also while the circuit is open: it finds out whether the neighbour is back. */
  probe?: boolean
}

/**
 * Another service, asked with care: a place among those in flight, a deadline for all, a time-out for each attempt, few
 * attempts with jitter, and a circuit breaker. Only for requests that are safe to repeat. This is the one layer that retries.
 */
export class Neighbour {
  readonly breaker: CircuitBreaker
  readonly #limiter: Limiter

  constructor(
    private readonly transport: Transport,
    private readonly system: System,
  ) {
    this.breaker = new CircuitBreaker(system)
    this.#limiter = new Limiter({ inFlight: 128, waiting: 128 }, system)
  }

  /** How many calls are under way, and how many wait for a place. */
  get load(): { inFlight: number; waiting: number } {
    return this.#limiter.load
  }

  async call(request: OutgoingRequest, options: CallOptions): Promise<CallResult> {
    if (this.breaker.isOpen && !options.probe) return notAsked('circuit-open')
    const entered = this.#limiter.enter(options.deadline - this.system.monotonic())
    if (!(typeof entered === 'boolean' ? entered : await entered)) return notAsked('busy')
    try {
      return await this.#attempts(request, options)
    } finally {
      this.#limiter.leave()
    }
  }

  async #attempts(request: OutgoingRequest, { deadline, probe = false }: CallOptions): Promise<CallResult> {
    let result: CallResult = notAsked('no-time-left')
    for (let attempt = 1; attempt <= (probe ? 1 : maxAttempts); attempt++) {
      const pauseMs = attempt > 1 ? this.#pauseMs(attempt) : 0
      if (deadline - this.system.monotonic() - pauseMs < leastAttemptMs) return result
      if (pauseMs > 0) await this.#pause(pauseMs)
      const left = deadline - this.system.monotonic()
      if (left < leastAttemptMs) return result // timers may be late
      const leave = this.breaker.enter({ probe })
      if (leave === undefined) return result.answered || result.asked ? result : notAsked('circuit-open')
      try {
        result = await this.#attempt(request, Math.min(attemptMs, left))
      } finally {
        leave(result.answered)
      }
      if (result.answered) return result
    }
    return result
  }

  async #attempt(request: OutgoingRequest, timeoutMs: number): Promise<CallResult> {
    try {
      return understand(await this.transport.send(request, timeoutMs))
    } catch (error) {
      if (error instanceof NoAnswer) return { answered: false, asked: true, reason: error.reason }
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

function understand({ status, body }: IncomingAnswer): CallResult {
  if (status >= 500) return { answered: false, asked: true, reason: `status-${status}` }
  try {
    return { answered: true, status, body: body === '' ? undefined : JSON.parse(body) }
  } catch {
    return { answered: false, asked: true, reason: 'unreadable-answer' } // an answer that does not parse is none
  }
}

function notAsked(reason: string): CallResult {
  return { answered: false, asked: false, reason }
}
