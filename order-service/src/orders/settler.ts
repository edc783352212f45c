import { Loop } from '@tandem/chassis/loop'
import { inRootSpan } from '@tandem/chassis/tracing/tracing'
import type { Undecided, UserClient } from '../users/user-client'
import { forgetDeparted, isAnyDeparted, lockDeparted } from './departed-user-store'
import { moveOrders } from './move-orders'
import type { Order } from './order'
import { findTrace } from './order-store'
import { rejectOrdersOf } from './reject-orders'
import { idleMs, minPauseMs, nextUpstreamPauseMs, oneAttempt, withJitter } from './retry-policy'
import { applyEvent, recordUndecided, requestDecision, isUndecided, type OrderDeps } from './settle-order'
import { claimDue, giveBack, isAnyDue, isAnyPendingSince, lockPendingSince } from './settlement-queue'

const atOnce = 128

type Attempted = Undecided & { order: Order }

interface Options {
  /** A pending order is cancelled after this time. */
  pendingTimeoutMs: number
}

/**
 * Finishes orders left unfinished by a crash, a time-out or an outage of user-service, with one attempt for each due order.
 * Each replica has one, and claims the orders that it tries.
 * While user-service does not respond it tries one order at a time, after a pause of the upstream, not of the order.
 */
export class Settler {
  readonly #loop: Loop
  #pauseMs = 0

  constructor(
    /** It asks for each order alone: what is wrong with one must not keep the others unfinished. */
    private readonly deps: OrderDeps & { users: Pick<UserClient, 'circuit'> },
    private readonly options: Options,
  ) {
    this.#loop = new Loop(() => this.#step(), deps.system)
  }

  start(): void {
    this.#loop.start()
  }

  /** Waits for the current pass. */
  stop(): Promise<void> {
    return this.#loop.stop()
  }

  async #step(): Promise<number> {
    try {
      return await this.pass()
    } catch (err) {
      this.deps.log.error({ err }, 'settling failed')
      return minPauseMs
    }
  }

  /** Runs one pass. Returns the milliseconds to wait before the next. */
  async pass(): Promise<number> {
    const { database, system, users } = this.deps
    await this.#abandonOld()
    await this.#rejectOrdersOfDeparted()
    const probing = users.circuit.isOpen || this.#pauseMs > 0
    if (!(await isAnyDue(database.read, system))) {
      this.#pauseMs = 0
      return idleMs
    }
    const claim = await database.write((tx) => claimDue(tx, system, probing ? 1 : atOnce))
    if (claim.orders.length === 0) return idleMs // others were faster
    const attempts = await Promise.all(claim.orders.map((order) => this.#traceAttempt(order)))
    const failures = attempts.filter((attempt) => attempt !== undefined)
    const upstreamResponds = failures.length < attempts.length || failures.some(({ answered }) => answered)
    await this.#keep(failures, claim.until, upstreamResponds)
    this.#pauseMs = upstreamResponds ? 0 : nextUpstreamPauseMs(this.#pauseMs)
    return upstreamResponds ? 0 : withJitter(this.#pauseMs, system)
  }

  /** An attempt is a trace of its own, with a link to that of the request that placed the order. */
  async #traceAttempt(order: Order): Promise<Attempted | undefined> {
    const { tracer, database } = this.deps
    if (!tracer) return this.#attempt(order)
    const placed = await findTrace(database.read, order.id)
    const options = {
      kind: 'internal',
      links: placed ? [placed] : [],
      attributes: { 'tandem.order.id': order.id },
    } as const
    return inRootSpan(tracer, 'settle order', options, () => this.#attempt(order))
  }

  /** Makes one attempt: settles the order, or returns why not. */
  async #attempt(order: Order): Promise<Attempted | undefined> {
    const { system, metrics } = this.deps
    const outcome = await requestDecision(this.deps, order, {
      ...oneAttempt(system),
      requestId: `${order.id}.${system.newId()}`,
    })
    if (isUndecided(outcome)) {
      if (outcome.asked) metrics.attempted('unknown')
      return { ...outcome, order }
    }
    metrics.attempted('settled')
    await applyEvent(this.deps, order, outcome)
    return undefined
  }

  /** Records what failed, and gives back what was not asked for, because the circuit was open. */
  async #keep(attempts: readonly Attempted[], until: number, upstreamResponds: boolean): Promise<void> {
    const { database, system } = this.deps
    const orders = attempts.filter(({ asked }) => !asked).map(({ order }) => order)
    const asked = attempts.filter(({ asked }) => asked)
    await Promise.all([
      orders.length > 0 && database.write((tx) => giveBack(tx, system, { orders, until })),
      ...asked.map(({ order, details }) => recordUndecided(this.deps, order, { details, ownPause: upstreamResponds })),
    ])
  }

  /** Cancels orders that nobody could confirm in time. */
  async #abandonOld(): Promise<void> {
    const { database, system, metrics } = this.deps
    const placedBefore = new Date(system.now() - this.options.pendingTimeoutMs).toISOString()
    if (!(await isAnyPendingSince(database.read, placedBefore))) return
    let moved: Order[]
    do {
      moved = await database.write(async (tx) => {
        const old = await lockPendingSince(tx, placedBefore, atOnce)
        return moveOrders(tx, system, old, { kind: 'abandoned', reason: 'timed-out' })
      })
      for (const order of moved) metrics.moved(order)
    } while (moved.length === atOnce && !this.#loop.stopping)
  }

  /** Rejects the orders that the event handler left over. */
  async #rejectOrdersOfDeparted(): Promise<void> {
    const { database, system, metrics } = this.deps
    while ((await isAnyDeparted(database.read)) && !this.#loop.stopping) {
      const rejected = await database.write(async (tx) => {
        const userId = await lockDeparted(tx)
        if (userId === undefined) return undefined // another replica rejects them
        const orders = await rejectOrdersOf(tx, system, userId, atOnce)
        await forgetDeparted(tx, userId)
        return orders
      })
      if (rejected === undefined) return
      for (const order of rejected) metrics.moved(order)
    }
  }
}
