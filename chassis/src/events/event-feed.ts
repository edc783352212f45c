import type { Database } from '../database/database'
import { Failure } from '../failure'
import type { System } from '../system'
import { redact } from './redactions'

const maxWaiting = 1000
const maxKeptPages = 16

export interface FeedPage {
  /** A JSON array of CloudEvents. */
  json: string
  events: number
  /** How many more come after these. */
  remaining: number
}

interface PageRequest {
  /** The number of the last event that the reader has; 0 for none. */
  after: number
  limit: number
}

interface Waiting {
  after: number
  wake: () => void
}

interface Options {
  /** The `source` of the CloudEvents. */
  source: string
  database: Database
  system: Pick<System, 'setTimeout' | 'clearTimeout'>
}

interface EventRow {
  sequence: number
  id: string
  type: string
  subject: string
  time: string
  data: string
  /** Which of its data are being redacted; null if none. */
  redacted: string | null
}

/** A service's own log, as its readers get it: in the order of commits, and with those waiting told after each. */
export class EventFeed {
  readonly #waiting = new Set<Waiting>()
  /** What was made since the last commit, which may add events and blank names. */
  readonly #pages = new Map<string, Promise<FeedPage>>()
  #made = 0
  #ended = false

  constructor(private readonly options: Options) {
    options.database.onCommit(() => {
      this.#pages.clear()
      if (this.#waiting.size > 0) void this.#wake()
    })
  }

  get source(): string {
    return this.options.source
  }

  /** How many pages were made into JSON; one may serve many readers. */
  get pagesMade(): number {
    return this.#made
  }

  /** How many readers wait for something newer. */
  get waiting(): number {
    return this.#waiting.size
  }

  /** The number of an event; undefined where there is none of this id. */
  async numberOf(eventId: string): Promise<number | undefined> {
    const { read } = this.options.database
    return (await read.get<{ sequence: number }>('SELECT sequence FROM events WHERE id = ?', eventId))?.sequence
  }

  /** What comes after; where that is nothing, waits for it up to `timeoutMs`. Throws `overloaded` where too many wait. */
  async read(request: PageRequest, timeoutMs: number, standBy: (ended: () => void) => void): Promise<FeedPage> {
    const page = await this.#page(request)
    if (page.events > 0 || timeoutMs === 0 || this.#ended) return page
    if (this.#waiting.size >= maxWaiting) throw new Failure('overloaded')
    await this.#somethingNewer(request.after, timeoutMs, standBy)
    return this.#page(request)
  }

  /** Answers those who wait with what there is; from now on nobody waits. */
  end(): void {
    this.#ended = true
    for (const { wake } of this.#waiting) wake()
  }

  #somethingNewer(after: number, timeoutMs: number, standBy: (ended: () => void) => void): Promise<void> {
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
      standBy(waiting.wake)
      void this.#wake() // a commit since the page was read has told nobody
    })
  }

  async #wake(): Promise<void> {
    const newest = await this.#newest().catch(() => Infinity) // each one's own read will tell what is wrong
    for (const { after, wake } of this.#waiting) if (after < newest) wake()
  }

  /** One page for all who ask for the same between two commits. */
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

  async #make({ after, limit }: PageRequest): Promise<FeedPage> {
    const { database, source } = this.options
    const newest = await this.#newest()
    const rows = await database.read.all<EventRow>(
      // In one statement: between two, a subject's redaction may begin or end.
      `SELECT sequence, id, type, events.subject, time, data, redactions.members AS redacted
       FROM events LEFT JOIN redactions ON redactions.subject = events.subject
       WHERE sequence > ? ORDER BY sequence LIMIT ?`,
      after,
      limit,
    )
    this.#made += 1
    const last = rows.at(-1)?.sequence ?? after
    const events = rows.map((row) => cloudEvent(source, row))
    return { json: `[${events.join(',')}]`, events: rows.length, remaining: Math.max(0, newest - last) }
  }

  async #newest(): Promise<number> {
    const newest = await this.options.database.read.get<{ sequence: number | null }>(
      'SELECT MAX(sequence) AS sequence FROM events',
    )
    return newest?.sequence ?? 0
  }
}

/** As JSON, with the data as it is kept, which is JSON too. */
function cloudEvent(source: string, { id, type, subject, time, data, redacted }: EventRow): string {
  const attributes = { specversion: '1.0', id, source, type, subject, time, datacontenttype: 'application/json' }
  return `${JSON.stringify(attributes).slice(0, -1)},"data":${redacted === null ? data : redact(data, redacted)}}`
}
