import type { Log } from '@tandem/chassis/log'
import type { System } from '@tandem/chassis/system'
import { currentTrace, inSpan } from '@tandem/chassis/tracing/tracing'
import type { HoldClient, HoldOutcome, HoldRequest, RequestOptions, ReleaseOutcome, UserClient } from './user-client'

const maxHolds = 100

interface Waiting {
  order: HoldRequest
  options: RequestOptions
  trace: ReturnType<typeof currentTrace>
}

/** Holds that travel together. */
interface Shared {
  waiting: Waiting[]
  outcomes: Promise<HoldOutcome[]>
}

/**
 * For orders whose callers wait. Holds that are asked for in one turn of the event loop, as by orders that were stored with
 * one commit, share a request; one alone goes alone.
 */
export class SharedHolds implements HoldClient {
  #next: Shared | undefined

  constructor(
    private readonly users: Pick<UserClient, 'hold' | 'holdAll' | 'release'>,
    private readonly system: Pick<System, 'afterTurn' | 'newId'>,
    private readonly log: Log,
  ) {}

  async hold(order: HoldRequest, options: RequestOptions): Promise<HoldOutcome> {
    const shared = (this.#next ??= this.#begin())
    const place = shared.waiting.push({ order, options, trace: currentTrace() }) - 1
    if (shared.waiting.length === maxHolds) this.#next = undefined
    const outcome = (await shared.outcomes)[place]
    if (outcome === undefined) throw new Error('a hold without an outcome')
    return outcome
  }

  release(order: Omit<HoldRequest, 'totalCents'>, options: RequestOptions): Promise<ReleaseOutcome> {
    return this.users.release(order, options)
  }

  #begin(): Shared {
    const waiting: Waiting[] = []
    const turnEnds = new Promise<void>((resolve) => {
      this.system.afterTurn(resolve)
    })
    const outcomes = turnEnds.then(() => {
      if (this.#next?.waiting === waiting) this.#next = undefined
      return this.#ask(waiting)
    })
    return { waiting, outcomes }
  }

  async #ask(waiting: readonly Waiting[]): Promise<HoldOutcome[]> {
    const [first, ...others] = waiting
    if (first === undefined) return []
    const alone = () => Promise.all(waiting.map(({ order, options }) => this.users.hold(order, options)))
    if (others.length === 0) return alone()
    const orders = waiting.map(({ order }) => order)
    const requestId = this.system.newId()
    const requests = waiting.map(({ order, options }) => ({ orderId: order.id, requestId: options.requestId }))
    this.log.info({ requestId, requests }, 'holds share a request')
    // In the trace of the first, with a link to the others'. The deadline of the first is the nearest.
    const links = others.flatMap(({ trace }) => trace ?? [])
    const outcomes = await inSpan('hold credit for several orders', { kind: 'internal', links }, () =>
      this.users.holdAll(orders, { ...first.options, requestId }),
    )
    return outcomes ?? alone()
  }
}
