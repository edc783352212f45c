import type { TokenSource } from '@tandem/chassis/auth/token-source'
import type { CallOptions, CallResult, UpstreamClient } from '@tandem/chassis/upstream/upstream-client'
import type { Log } from '@tandem/chassis/log'
import { z } from 'zod'

/** The members of an order that a hold needs: the order is the hold. */
export interface HoldRequest {
  id: string
  userId: string
  totalCents: number
}

/** The responses that decide; everything else is undecided. */
export type HoldOutcome = 'held' | 'insufficient-credit' | 'user-not-found' | 'hold-released' | Undecided
export type ReleaseOutcome = 'released' | Undecided

export interface Undecided {
  /** Whether a request was sent at all. */
  asked: boolean
  /** Whether user-service responded, though without a decision. */
  answered: boolean
  /** Timeline details: one for each attempt, or why none was made. */
  details: readonly string[]
}

export interface RequestOptions extends CallOptions {
  /** The id of the request that caused this call. */
  requestId: string
}

/** Both calls are safe to repeat. */
export interface HoldClient {
  hold(order: HoldRequest, options: RequestOptions): Promise<HoldOutcome>
  release(order: Omit<HoldRequest, 'totalCents'>, options: RequestOptions): Promise<ReleaseOutcome>
}

const Held = z.object({ orderId: z.string(), userId: z.string(), amountCents: z.number() })
const Decisions = z.object({ decisions: z.array(z.object({ orderId: z.string(), decision: z.string() })) })
const ProblemCode = z.object({ code: z.string() })

/** Holds and releases credit at user-service, over HTTP. */
export class UserClient implements HoldClient {
  constructor(
    private readonly upstream: UpstreamClient,
    private readonly tokens: Pick<TokenSource, 'token'>,
    private readonly log: Log,
  ) {}

  get circuit() {
    return this.upstream.breaker
  }

  async hold({ id, userId, totalCents }: HoldRequest, options: RequestOptions): Promise<HoldOutcome> {
    const body = JSON.stringify({ amountCents: totalCents })
    const result = await this.#ask({ method: 'PUT', path: holdPath({ id, userId }), body }, options)
    if (!result.answered) return unanswered(result)
    if (result.status === 200 || result.status === 201) {
      const { data: held } = Held.safeParse(result.body)
      if (held?.orderId === id && held.userId === userId && held.amountCents === totalCents) return 'held'
    }
    const code = problemCode(result)
    if (result.status === 402 && code === 'insufficient-credit') return code
    if (result.status === 404 && code === 'user-not-found') return code
    if (result.status === 409 && code === 'hold-released') return code
    return this.#undecided('hold', id, result, code)
  }

  /**
   * As hold, for at most 100 orders in one request. Returns an outcome for each, in their order; undefined if this
   * user-service is an older one, which takes one hold at a time.
   */
  async holdAll(orders: readonly HoldRequest[], options: RequestOptions): Promise<HoldOutcome[] | undefined> {
    const holds = orders.map(({ id, userId, totalCents }) => ({ orderId: id, userId, amountCents: totalCents }))
    const result = await this.#ask({ method: 'POST', path: '/holds', body: JSON.stringify({ holds }) }, options)
    if (!result.answered) return orders.map(() => unanswered(result))
    if (result.status === 404 && problemCode(result) === 'not-found') return undefined
    const { data } = Decisions.safeParse(result.status === 200 ? result.body : undefined)
    return orders.map(({ id }, i): HoldOutcome => {
      const answer = data?.decisions[i]
      const decision = answer?.orderId === id ? answer.decision : undefined
      if (decision === 'held' || decision === 'insufficient-credit') return decision
      if (decision === 'user-not-found' || decision === 'hold-released') return decision
      return this.#undecided('hold', id, result, decision?.slice(0, 64) ?? problemCode(result))
    })
  }

  async release({ id, userId }: Omit<HoldRequest, 'totalCents'>, options: RequestOptions): Promise<ReleaseOutcome> {
    const result = await this.#ask({ method: 'DELETE', path: holdPath({ id, userId }) }, options)
    if (!result.answered) return unanswered(result)
    const code = problemCode(result)
    if (result.status === 204) return 'released'
    if (result.status === 409 && code === 'hold-mismatch') {
      this.log.error({ orderId: id, userId }, 'hold belongs to another user')
      return 'released' // nothing of this user is held
    }
    return this.#undecided('release', id, result, code)
  }

  async #ask(
    { method, path, body }: { method: 'POST' | 'PUT' | 'DELETE'; path: string; body?: string },
    { requestId, ...options }: RequestOptions,
  ): Promise<CallResult> {
    const token = await this.tokens.token()
    const headers = { authorization: `Bearer ${token}`, 'x-request-id': requestId }
    if (body === undefined) return this.upstream.call({ method, path, headers }, options)
    return this.upstream.call(
      { method, path, headers: { ...headers, 'content-type': 'application/json' }, body },
      options,
    )
  }

  #undecided(what: string, orderId: string, { status }: { status: number }, code: string | undefined): Undecided {
    const detail = `user-service returned ${status}${code === undefined ? '' : ` ${code}`}, which is no decision`
    const ours = [400, 401, 403].includes(status) || code === 'hold-mismatch'
    this.log[ours ? 'error' : 'warn']({ what, orderId, status, code }, 'undecided response from user-service')
    return { asked: true, answered: true, details: [detail] }
  }
}

function holdPath({ id, userId }: Pick<HoldRequest, 'id' | 'userId'>): string {
  return `/users/${userId}/holds/${id}`
}

function unanswered({ reason, failures }: { reason: string; failures: readonly string[] }): Undecided {
  if (failures.length === 0) return { asked: false, answered: false, details: [`not called (${reason})`] }
  const details = failures.map((failure) => `user-service did not respond (${failure})`)
  return { asked: true, answered: false, details }
}

function problemCode({ status, body }: { status: number; body: unknown }): string | undefined {
  return status < 400 ? undefined : ProblemCode.safeParse(body).data?.code.slice(0, 64)
}
