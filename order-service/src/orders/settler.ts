import { Loop } from '@tandem/chassis/loop'
import type { Undecided } from '../users/user-client'
import { forgetDeparted, nextDeparted } from './departed-user-store'
import type { Order } from './order'
import { rejectOrdersOf } from './reject-orders'
import { idleMs, minPauseMs, nextUpstreamPauseMs, oneAttempt, withJitter } from './retry-policy'
import { applyEvent, recordUndecided, requestDecision, isUndecided, type OrderDeps } from './settle-order'
import { dueOrders, pendingSince } from './settlement-queue'

const atOnce = 128

interface Options {
  /** A pending order is cancelled after this time. */
  pendingTimeoutMs: number
}

/**
 * Finishes orders left unfinished by a crash, a time-out or an outage of user-service, with one attempt for each due order.
 * While user-service does not respond it tries one order at a time, after a pause of the upstream, not of the order.
 */
export class Settler {
  readonly #loop: Loop
  #pauseMs = 0

  constructor(
    private readonly deps: OrderDeps,
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
    const due = await dueOrders(database.read, system, probing ? 1 : atOnce)
    if (due.length === 0) {
      this.#pauseMs = 0
      return idleMs
    }
    const attempts = await Promise.all(due.map((order) => this.#attempt(order)))
    const failures = attempts.filter((attempt) => attempt !== undefined)
    const upstreamResponds = failures.length < attempts.length || failures.some(({ answered }) => answered)
    await Promise.all(failures.map((failure) => this.#keep(failure, upstreamResponds)))
    this.#pauseMs = upstreamResponds ? 0 : nextUpstreamPauseMs(this.#pauseMs)
    return upstreamResponds ? 0 : withJitter(this.#pauseMs, system)
  }

  /** Makes one attempt: settles the order, or returns why not. */
  async #attempt(order: Order): Promise<(Undecided & { order: Order }) | undefined> {
    const { system, metrics } = this.deps
    const outcome = await requestDecision(this.deps, order, { ...oneAttempt(system), requestId: system.newId() })
    if (isUndecided(outcome)) {
      if (outcome.asked) metrics.attempted('unknown')
      return { ...outcome, order }
    }
    metrics.attempted('settled')
    await applyEvent(this.deps, order, outcome)
    return undefined
  }

  async #keep({ order, asked, details }: Undecided & { order: Order }, upstreamResponds: boolean): Promise<void> {
    if (asked) await recordUndecided(this.deps, order, { details, ownPause: upstreamResponds })
  }

  /** Cancels orders that nobody could confirm in time. */
  async #abandonOld(): Promise<void> {
    const { database, system } = this.deps
    const placedBefore = new Date(system.now() - this.options.pendingTimeoutMs).toISOString()
    let old
    do {
      old = await pendingSince(database.read, placedBefore, atOnce)
      await Promise.all(old.map((order) => applyEvent(this.deps, order, { kind: 'abandoned', reason: 'timed-out' })))
    } while (old.length === atOnce && !this.#loop.stopping)
  }

  /** Rejects the orders that the event handler left over. */
  async #rejectOrdersOfDeparted(): Promise<void> {
    const { database, system, metrics } = this.deps
    for (;;) {
      const userId = await nextDeparted(database.read)
      if (userId === undefined || this.#loop.stopping) return
      const rejected = await database.write(async (tx) => {
        const orders = await rejectOrdersOf(tx, system, userId, atOnce)
        if (orders.length < atOnce) await forgetDeparted(tx, userId)
        return orders
      })
      for (const order of rejected) metrics.moved(order)
    }
  }
}
