import { isUnavailable } from '../database/unavailable'
import type { Loop } from '../loop'
import type { FollowedEvent } from './event-source'
import type { FollowerOptions } from './follower-options'
import type { Position } from './follower-store'
import { park } from './parking'
import { applyEvents } from './apply-events'
import { beginTry, forgetTry, noteFirstPage } from './tried-events-store'

const maxTries = 5 // of an event that cannot be handled
const betweenTriesMs = 250
const maxDeaths = 2 // of the process, while it handles one event alone

/**
 * Lets pages of events take effect, each page in one transaction. If one of its events cannot be handled, each event has a
 * transaction of its own, and that one is parked after some tries.
 *
 * An event that ends the process, as by the memory that it takes, would do so in each life. The page with it is then the
 * first page of the next life. So the start of a first page is noted. If a life finds the note of an earlier one, which
 * died in that page, it applies the events one by one and counts the lives that have begun with each. An event with which
 * two lives have ended is parked.
 */
export class PageApplier {
  #isFirstPage = true
  /** The head of a first page that this life has noted, and whether an earlier one had. */
  #noted: { eventId: string; before: boolean } | undefined
  #begun: { eventId: string; lives: number } | undefined

  constructor(
    private readonly options: FollowerOptions,
    private readonly loop: Pick<Loop, 'stopping' | 'pause'>,
  ) {}

  /** Returns whether the whole page was applied: it is not if the position was moved meanwhile, or the loop stops. */
  async apply(from: Position, events: readonly FollowedEvent[]): Promise<boolean> {
    const [head] = events
    if (head === undefined) return true
    const hasEndedLives = this.#isFirstPage && (await this.#wasNoted(head))
    const applied = hasEndedLives
      ? await this.#applyEach(from, events, (position, event) => this.#applyUnlessDeadly(position, event))
      : await this.#applyPage(from, events)
    if (applied) this.#isFirstPage = false
    return applied
  }

  async #wasNoted({ id: eventId }: FollowedEvent): Promise<boolean> {
    const { database, feed } = this.options
    if (this.#noted?.eventId !== eventId) {
      this.#noted = { eventId, before: await database.write((tx) => noteFirstPage(tx, feed, eventId)) }
    }
    return this.#noted.before
  }

  async #applyPage(from: Position, events: readonly FollowedEvent[]): Promise<boolean> {
    try {
      return await this.#applyTogether(from, events)
    } catch (error) {
      if (isUnavailable(error)) throw error
    }
    return this.#applyEach(from, events, (position, event) => this.#applyAlone(position, event, 2))
  }

  async #applyEach(
    from: Position,
    events: readonly FollowedEvent[],
    apply: (from: Position, event: FollowedEvent) => Promise<boolean>,
  ): Promise<boolean> {
    let position = from
    for (const event of events) {
      if (!(await apply(position, event))) return false
      position = event.id
    }
    return true
  }

  async #applyTogether(from: Position, events: readonly FollowedEvent[]): Promise<boolean> {
    const { database, feed, handlers, metrics, tracer } = this.options
    const applied = await database.write((tx) => applyEvents(tx, { feed, from, events, handlers, tracer }))
    for (const { as, afterCommit } of applied ?? []) {
      metrics.applied(as)
      afterCommit?.()
    }
    return applied !== undefined
  }

  async #applyUnlessDeadly(from: Position, event: FollowedEvent): Promise<boolean> {
    const { database, feed } = this.options
    if (this.#begun?.eventId !== event.id) {
      this.#begun = { eventId: event.id, lives: await database.write((tx) => beginTry(tx, feed, event.id)) }
    }
    const deaths = this.#begun.lives - 1
    if (deaths >= maxDeaths) {
      return this.#park(from, event, new Error(`the process has died ${deaths} times while it handled this event`))
    }
    if (await this.#applyAlone(from, event, 1)) return true
    await database.write((tx) => forgetTry(tx, feed)) // this life has not died of it
    this.#begun = undefined
    return false
  }

  /** Some tries, and then it is parked. A database that fails is no fault of the event. */
  async #applyAlone(from: Position, event: FollowedEvent, firstTry: number): Promise<boolean> {
    for (let attempt = firstTry; !this.loop.stopping; attempt++) {
      try {
        return await this.#applyTogether(from, [event])
      } catch (error) {
        if (isUnavailable(error)) throw error
        if (attempt === maxTries) return this.#park(from, event, error)
      }
      await this.loop.pause(betweenTriesMs)
    }
    return false
  }

  async #park(from: Position, event: FollowedEvent, error: unknown): Promise<boolean> {
    const parked = await park(this.options, { from, event, error })
    if (parked) this.options.metrics.applied('parked')
    return parked
  }
}
