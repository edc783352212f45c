import { FirstContact } from '../upstream/first-contact'
import { Loop } from '../loop'
import { FeedUnreadable, type ReadPage } from './feed-client'
import type { FollowerOptions } from './follower-options'
import { isEmptying, readPosition, type Position } from './follower-store'
import { LagMeter, type Lag } from './lag'
import { PageApplier } from './page-applier'
import { reasonOf, retryParked } from './parking'
import { beginStartingOver, emptySome } from './start-over'

const pageLimit = 200
const waitMs = 5_000
const minPauseMs = 250
const maxPauseMs = 5_000

/**
 * Follows another service's feed. Each event takes effect once, in the transaction that moves the position past it. An
 * event that cannot be handled is parked (a dead letter), and does not block later ones.
 */
export class Follower {
  readonly #loop: Loop
  readonly #meter: LagMeter
  readonly #applier: PageApplier
  #reading = new AbortController()
  #pauseMs = 0
  #failing: string | undefined
  readonly #firstContact: FirstContact

  constructor(private readonly options: FollowerOptions) {
    this.#loop = new Loop(() => this.#step(), options.system)
    this.#meter = new LagMeter(options.system)
    this.#firstContact = new FirstContact(options.system)
    this.#applier = new PageApplier(options, this.#loop)
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

  /** Waits for the current write, but aborts a pending read. */
  stop(): Promise<void> {
    const stopped = this.#loop.stop()
    this.#reading.abort()
    return stopped
  }

  /** Discards everything built from the feed and follows it from the start. */
  async startOver(requestId?: string): Promise<void> {
    const { database, feed, log } = this.options
    await database.write((tx) => beginStartingOver(tx, this.options))
    this.#meter.startedOver()
    this.#reading.abort() // the pending read starts from the old position
    log.warn({ feed, requestId }, 'following the feed from its start again')
  }

  /** Applies a parked event again. Throws `not-found`, `unavailable` or `event-not-handled`. */
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

  /** Applies one page, or deletes some of what a new start makes useless. Returns false if that brought nothing new. */
  async #readOn(): Promise<boolean> {
    const { database, feed, system, log } = this.options
    if (await isEmptying(database.read, feed)) {
      await database.write((tx) => emptySome(tx, this.options))
      return true
    }
    const { signal } = (this.#reading = new AbortController())
    const { behind } = this.#meter
    const asked = system.monotonic()
    const read = await unlessAborted(signal, this.#read())
    if (read === undefined) return true
    const { position, page } = read
    if (page === 'unknown-event') {
      log.error({ feed, lastEventId: position }, 'feed no longer has the last event')
      await this.startOver()
      return false
    }
    if ((await this.#applier.apply(position, page.events)) && !signal.aborted) this.#meter.applied(page)
    if (this.#failing !== undefined) log.info({ feed }, 'feed is readable again')
    this.#failing = undefined
    this.#firstContact.made()
    const last = page.events.at(-1)
    if (last !== undefined && last.id !== position) return true
    return (behind && !this.#meter.behind) || system.monotonic() - asked >= minPauseMs
  }

  async #read(): Promise<{ position: Position; page: ReadPage | 'unknown-event' }> {
    const { database, feed, client } = this.options
    const position = await readPosition(database.read, feed)
    const patience = this.#meter.behind ? 0 : waitMs // while behind, do not long-poll: report an empty feed at once
    return { position, page: await client.read({ after: position, limit: pageLimit, waitMs: patience }) }
  }

  #failed(err: unknown): void {
    const { feed, log } = this.options
    this.#meter.failed()
    const reason = reasonOf(err)
    const level = this.#levelOf(err)
    const failing = `${level}: ${reason}`
    if (failing === this.#failing) return // log once, not at each retry
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
