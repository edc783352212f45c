import type { Database, Lease, Term } from '../database/database'
import { fenced } from '../database/fenced'
import { FirstContact } from '../upstream/first-contact'
import { Loop } from '../loop'
import type { ReadPage } from './event-source'
import { FeedUnreadable } from './feed-client'
import type { FollowerOptions } from './follower-options'
import { isEmptying, readPosition, type Position } from './follower-store'
import type { Lag } from './lag'
import { PageApplier } from './page-applier'
import { reasonOf, retryParked } from './parking'
import { SharedLag } from './shared-lag'
import { beginStartingOver, emptySome } from './start-over'

const pageLimit = 200
const waitMs = 5_000
const minPauseMs = 250
const maxPauseMs = 5_000
const standbyMs = 250

/**
 * Follows another service's feed, in the process that has the lease for it. Each event takes effect once, in the
 * transaction that moves the position past it. An event that cannot be handled is parked (a dead letter), and does not
 * block later ones.
 */
export class Follower {
  readonly #loop: Loop
  readonly #lag: SharedLag
  readonly #applier: PageApplier
  #reading = new AbortController()
  #pauseMs = 0
  #failing: string | undefined
  readonly #firstContact: FirstContact
  readonly #database: Database
  #lease: Lease | undefined
  #term: Term | undefined

  constructor(private readonly options: FollowerOptions) {
    this.#loop = new Loop(() => this.#step(), options.system)
    this.#database = fenced(options.database, () => this.#term)
    const own = { ...options, database: this.#database }
    this.#lag = new SharedLag(own)
    this.#firstContact = new FirstContact(options.system)
    this.#applier = new PageApplier(own, this.#loop)
  }

  get feed(): string {
    return this.options.feed
  }

  /** As this process has measured it. */
  get lag(): Lag {
    return this.#lag.meter.lag
  }

  /** As the process has measured it that follows the feed. */
  async currentLag(): Promise<Lag> {
    const isAnothers = this.#lease?.isShared === true && this.#lease.term === undefined
    return isAnothers ? this.#lag.ofOthers() : this.lag
  }

  start(): void {
    this.#lease = this.options.database.lease(`follow ${this.feed}`)
    this.#loop.start()
  }

  /** Waits for the current write, but aborts a pending read. */
  async stop(): Promise<void> {
    const stopped = this.#loop.stop()
    this.#reading.abort()
    await stopped
    await this.options.source?.close?.()
    await this.#lease?.release()
  }

  /** Discards everything built from the feed and follows it from the start. */
  async startOver(requestId?: string): Promise<void> {
    const { database, feed, log } = this.options
    await database.write((tx) => beginStartingOver(tx, this.options))
    this.#lag.meter.startedOver()
    this.#reading.abort() // the pending read starts from the old position
    log.warn({ feed, requestId }, 'following the feed from its start again')
  }

  /** Applies a parked event again. Throws `not-found`, `unavailable` or `event-not-handled`. */
  retry(eventId: string, requestId: string): Promise<void> {
    return retryParked(this.options, eventId, requestId)
  }

  async #step(): Promise<number> {
    const term = this.#lease?.term
    if (term === undefined) return standbyMs
    if (term !== this.#term) this.#begin(term)
    try {
      if (this.#lease?.isShared) await this.#lag.tell()
      this.#pauseMs = (await this.#readOn()) ? 0 : minPauseMs
    } catch (err) {
      if (term.signal.aborted) return standbyMs
      this.#pauseMs = Math.min(maxPauseMs, Math.max(minPauseMs, this.#pauseMs * 2))
      this.#failed(err)
    }
    return this.#pauseMs * (0.75 + this.options.system.random() / 4)
  }

  #begin(term: Term): void {
    this.#term = term
    this.#lag.begin()
    term.signal.addEventListener('abort', () => {
      this.#reading.abort()
      void this.options.source?.close?.()
    })
  }

  /** Applies one page, or deletes some of what a new start makes useless. Returns false if that brought nothing new. */
  async #readOn(): Promise<boolean> {
    const { database, feed, system, log } = this.options
    if (await isEmptying(database.read, feed)) {
      await this.#database.write((tx) => emptySome(tx, this.options))
      return true
    }
    const { signal } = (this.#reading = new AbortController())
    if (this.#loop.stopping || this.#term?.signal.aborted) return true // nobody aborts this one any more
    const { behind } = this.#lag.meter
    const asked = system.monotonic()
    const read = await unlessAborted(signal, this.#read(signal))
    if (read === undefined) return true
    const { position, page } = read
    if (page === 'unknown-event') {
      log.error({ feed, lastEventId: position }, 'feed no longer has the last event')
      await this.startOver()
      return false
    }
    if ((await this.#applier.apply(position, page.events)) && !signal.aborted) this.#lag.meter.applied(page)
    if (this.#failing !== undefined) log.info({ feed }, 'feed is readable again')
    this.#failing = undefined
    this.#firstContact.made()
    const last = page.events.at(-1)
    if (last !== undefined && last.id !== position) return true
    return (behind && !this.#lag.meter.behind) || system.monotonic() - asked >= minPauseMs
  }

  async #read(signal: AbortSignal): Promise<{ position: Position; page: ReadPage | 'unknown-event' } | undefined> {
    const { database, feed, client, source = client } = this.options
    const position = await readPosition(database.read, feed)
    if (signal.aborted) return undefined // the source is closed, and a read would open it again
    const patience = this.#lag.meter.behind ? 0 : waitMs // while behind, do not long-poll: report an empty feed at once
    return { position, page: await source.read({ after: position, limit: pageLimit, waitMs: patience }) }
  }

  #failed(err: unknown): void {
    const { feed, log } = this.options
    this.#lag.meter.failed()
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
