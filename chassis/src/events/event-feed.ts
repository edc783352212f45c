import type { Database } from '../database/database'
import { Failure } from '../failure'
import type { System } from '../system'
import { cloudEvent } from './cloud-event'
import { listEvents, logState, sequenceOf } from './event-store'

const maxWaiting = 1000
const maxKeptPages = 16

export interface FeedPage {
  json: string
  events: number
  remaining: number
}

interface PageRequest {
  /** The sequence number of the reader's last event; 0 for none. */
  after: number
  limit: number
}

/** The request that waits. */
interface Reader {
  signal: AbortSignal
  releaseSlot: () => void
}

interface Waiting {
  after: number
  wake: () => void
}

interface Options {
  source: string
  database: Database
  system: Pick<System, 'setTimeout' | 'clearTimeout'>
}

/** The service's event log for its readers, in commit order; long polls wake after each commit. */
export class EventFeed {
  readonly #waiting = new Set<Waiting>()
  /** Pages made since the last commit; any commit may add events or redact names. */
  readonly #pages = new Map<string, Promise<FeedPage>>()
  #made = 0
  #ended = false

  constructor(private readonly options: Options) {
    const { database } = options
    // Its own commits at once, others' when it hears of them: a name that was redacted here is not shown again.
    database.onCommit(() => {
      this.#pages.clear()
    })
    database.onChange(() => {
      this.#pages.clear()
      if (this.#waiting.size > 0) void this.#wake()
    })
  }

  get source(): string {
    return this.options.source
  }

  get pagesMade(): number {
    return this.#made
  }

  get waiting(): number {
    return this.#waiting.size
  }

  numberOf(eventId: string): Promise<number | undefined> {
    return sequenceOf(this.options.database.read, eventId)
  }

  /** Returns the next page; waits up to `timeoutMs` if it is empty. Throws `overloaded` if too many readers wait. */
  async read(request: PageRequest, timeoutMs: number, { signal, releaseSlot }: Reader): Promise<FeedPage> {
    const page = await this.#page(request)
    if (page.events > 0 || timeoutMs === 0 || this.#ended) return page
    if (this.#waiting.size >= maxWaiting) throw new Failure('overloaded')
    releaseSlot()
    await this.#somethingNewer(request.after, timeoutMs, signal)
    return this.#page(request)
  }

  /** Releases all waiting readers; later ones do not wait. */
  end(): void {
    this.#ended = true
    for (const { wake } of this.#waiting) wake()
  }

  #somethingNewer(after: number, timeoutMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const { system } = this.options
      const timer = system.setTimeout(() => {
        waiting.wake()
      }, timeoutMs)
      const waiting: Waiting = {
        after,
        wake: () => {
          system.clearTimeout(timer)
          this.#waiting.delete(waiting)
          resolve()
        },
      }
      this.#waiting.add(waiting)
      signal.addEventListener('abort', waiting.wake)
      if (signal.aborted) waiting.wake()
      void this.#wake() // a commit since the page was read has woken nobody
    })
  }

  async #wake(): Promise<void> {
    // Each reader's own read reports the error.
    const { newest } = await logState(this.options.database.read).catch(() => ({ newest: Infinity }))
    for (const { after, wake } of this.#waiting) if (after < newest) wake()
  }

  /** Shared by readers that request the same page between two commits. */
  #page(request: PageRequest): Promise<FeedPage> {
    const key = `${request.after}:${request.limit}`
    const kept = this.#pages.get(key)
    if (kept) return kept
    if (this.#pages.size >= maxKeptPages) this.#pages.clear()
    const page = this.#make(request)
    this.#pages.set(key, page)
    page.catch(() => this.#pages.delete(key))
    return page
  }

  async #make(request: PageRequest): Promise<FeedPage> {
    const { database, source } = this.options
    const { newest, unnumbered } = await logState(database.read)
    const rows = await listEvents(database.read, request)
    this.#made += 1
    const last = rows.at(-1)?.sequence ?? request.after
    const events = rows.map((row) => cloudEvent(source, row))
    return { json: `[${events.join(',')}]`, events: rows.length, remaining: Math.max(0, newest - last) + unnumbered }
  }
}
