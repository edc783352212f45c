import { FirstContact } from '../upstream/first-contact'
import type { Database, Transaction } from '../database/database'
import { isUnavailable } from '../database/unavailable'
import type { Log } from '../log'
import { Loop } from '../loop'
import type { System } from '../system'
import { FeedUnreadable, type FeedClient, type FollowedEvent, type ReadPage } from './feed-client'
import { forgetFeed, readPosition, type Position } from './follower-store'
import { LagMeter, type Lag } from './lag'
import { park, reasonOf, retryParked } from './parking'
import { applyEvents, type EventHandlers, type AppliedAs } from './apply-events'

const pageLimit = 200
const waitMs = 5_000
const minPauseMs = 250
const maxPauseMs = 5_000
const maxAttempts = 5 // of an event, the first one with the rest of its page

export interface FollowerOptions {
  /** The name of the service whose feed it is. */
  feed: string
  client: FeedClient
  handlers: EventHandlers
  /** Empties what the handlers have made of the feed's events. */
  forget: (tx: Transaction) => Promise<void>
  database: Database
  system: System
  log: Log
}

/**
 * Follows another service's feed. Each event takes effect once, in the transaction that moves the position behind it. One
 * that cannot be handled is parked, and does not stop those behind it.
 */
export class Follower {
  /** Told of each event as it is taken. */
  onApplied: (as: AppliedAs | 'parked') => void = () => undefined
  readonly #loop: Loop
  readonly #meter: LagMeter
  #reading = new AbortController()
  #pauseMs = 0
  #failing: string | undefined
  readonly #firstContact: FirstContact

  constructor(private readonly options: FollowerOptions) {
    this.#loop = new Loop(() => this.#step(), options.system)
    this.#meter = new LagMeter(options.system)
    this.#firstContact = new FirstContact(options.system)
  }

  get feed(): string {
    return this.options.feed
  }

  get lag(): Lag {
    return this.#meter.lag
  }

  start(): void {
    this.#loop.start()
  }

  /** Ends after what is being written; an answer of the feed is not waited for. */
  stop(): Promise<void> {
    const stopped = this.#loop.stop()
    this.#reading.abort()
    return stopped
  }

  /** Throws away what was made of the feed, so that it is made again from its start. */
  async startOver(requestId?: string): Promise<void> {
    const { database, feed, forget, log } = this.options
    await database.write(async (tx) => {
      await forget(tx)
      await forgetFeed(tx, feed)
    })
    this.#meter.startedOver()
    this.#reading.abort() // what is waited for now comes after a position that is gone
    log.warn({ feed, requestId }, 'feed is followed from its start again')
  }

  /** Reads a parked event again and lets it take effect. Throws `not-found`, `unavailable` and `event-not-handled`. */
  retry(eventId: string, requestId: string): Promise<void> {
    return retryParked(this.options, eventId, requestId)
  }

  async #step(): Promise<number> {
    try {
      this.#pauseMs = (await this.#readOn()) ? 0 : minPauseMs
    } catch (err) {
      this.#pauseMs = Math.min(maxPauseMs, Math.max(minPauseMs, this.#pauseMs * 2))
      this.#failed(err)
    }
    return this.#pauseMs * (0.75 + this.options.system.random() / 4)
  }

  /** Reads a page and takes it. Answers false where that brought nothing new, and no waiting for it. */
  async #readOn(): Promise<boolean> {
    const { feed, system, log } = this.options
    const { signal } = (this.#reading = new AbortController())
    const { behind } = this.#meter
    const asked = system.monotonic()
    const read = await unlessAborted(signal, this.#read())
    if (read === undefined) return true
    const { position, page } = read
    if (page === 'unknown-event') {
      log.error({ feed, lastEventId: position }, 'feed does not know the last event any more')
      await this.startOver()
      return false
    }
    if ((await this.#take(position, page.events)) && !signal.aborted) this.#meter.taken(page)
    if (this.#failing !== undefined) log.info({ feed }, 'feed is read again')
    this.#failing = undefined
    this.#firstContact.made()
    const last = page.events.at(-1)
    if (last !== undefined && last.id !== position) return true
    return (behind && !this.#meter.behind) || system.monotonic() - asked >= minPauseMs
  }

  async #read(): Promise<{ position: Position; page: ReadPage | 'unknown-event' }> {
    const { database, feed, client } = this.options
    const position = await readPosition(database.read, feed)
    const patience = this.#meter.behind ? 0 : waitMs // that nothing is left is to be known at once
    return { position, page: await client.read({ after: position, limit: pageLimit, waitMs: patience }) }
  }

  /** Takes all in one transaction; where one of them cannot be handled, each in its own. Answers whether they were taken. */
  async #take(from: Position, events: FollowedEvent[]): Promise<boolean> {
    try {
      return events.length === 0 || (await this.#takeTogether(from, events))
    } catch (error) {
      if (isUnavailable(error)) throw error
    }
    let position = from
    for (const event of events) {
      if (!(await this.#takeAlone(position, event))) return false
      position = event.id
    }
    return true
  }

  async #takeTogether(from: Position, events: FollowedEvent[]): Promise<boolean> {
    const { database, feed, handlers } = this.options
    const taken = await database.write((tx) => applyEvents(tx, { feed, from, events, handlers }))
    for (const { as, afterCommit } of taken ?? []) {
      this.onApplied(as)
      afterCommit?.()
    }
    return taken !== undefined
  }

  /** A few tries, and then it is parked. A database that fails is no fault of the event. */
  async #takeAlone(from: Position, event: FollowedEvent): Promise<boolean> {
    for (let attempt = 2; !this.#loop.stopping; attempt++) {
      try {
        return await this.#takeTogether(from, [event])
      } catch (error) {
        if (isUnavailable(error)) throw error
        if (attempt === maxAttempts) {
          const parked = await park(this.options, { from, event, error })
          if (parked) this.onApplied('parked')
          return parked
        }
      }
      await this.#loop.pause(minPauseMs)
    }
    return false
  }

  #failed(err: unknown): void {
    const { feed, log } = this.options
    this.#meter.failed()
    const reason = reasonOf(err)
    const level = this.#levelOf(err)
    const failing = `${level}: ${reason}`
    if (failing === this.#failing) return // told once, not at each try
    this.#failing = failing
    if (err instanceof FeedUnreadable) log[level]({ feed, reason }, 'feed cannot be read')
    else log.error({ feed, err }, 'feed cannot be followed')
  }

  #levelOf(err: unknown): 'info' | 'warn' | 'error' {
    if (!(err instanceof FeedUnreadable) || err.faulty) return 'error'
    return err.unanswered ? this.#firstContact.level : 'warn'
  }
}

function unlessAborted<T>(signal: AbortSignal, result: Promise<T>): Promise<T | undefined> {
  const aborted = new Promise<undefined>((resolve) => {
    signal.addEventListener('abort', () => {
      resolve(undefined)
    })
  })
  return Promise.race([result, aborted])
}
