import { z } from 'zod'
import {
  NoResponse,
  type IncomingResponse,
  type OutgoingRequest,
  type Transport,
} from '@tandem/chassis/upstream/transport'
import { chassisMigrations } from '@tandem/chassis/database/chassis-migrations'
import type { Database } from '@tandem/chassis/database/database'
import { appendEvent } from '@tandem/chassis/events/event-store'
import { EventFeed } from '@tandem/chassis/events/event-feed'
import { feedRoute } from '@tandem/chassis/events/feed-route'
import { Failure } from '@tandem/chassis/failure'
import { parse } from '@tandem/chassis/http/parse'
import { commonProblemTypes, type ProblemTypes } from '@tandem/chassis/http/problem-types'
import type { Route } from '@tandem/chassis/http/route'
import type { System } from '@tandem/chassis/system'
import { temporaryDatabase } from './temporary-database'

/** What a feed would say of these. */
export function pageOf(...events: unknown[]): { body: string } {
  return { body: JSON.stringify(events) }
}

type SaidInstead = Partial<IncomingResponse> | undefined

/** Another service's log on a database of its own, with its real route. As a transport it leads there without HTTP. */
export class TestFeed implements Transport {
  /** What was asked, and when. */
  readonly asked: { after: string | null; at: number }[] = []
  readonly requestIds: (string | undefined)[] = []
  /** The reason for which it cannot be reached. */
  down: string | undefined
  /** Has the say before the feed; may take its time. */
  instead: (after: string | null) => SaidInstead | Promise<SaidInstead> = () => undefined
  readonly #underWay = new Set<(error: NoResponse) => void>()

  private constructor(
    readonly database: Database,
    readonly route: Route,
    private readonly feed: EventFeed,
    private readonly system: System,
  ) {}

  static async open(system: System): Promise<TestFeed> {
    const database = await temporaryDatabase(chassisMigrations)
    const feed = new EventFeed({ source: '/things', database, system })
    const route = feedRoute({ feed, types: { 'thing.done': z.object({ name: z.string() }) }, who: ['admin'] })
    return new TestFeed(database, route, feed, system)
  }

  /** How many wait for something to happen. */
  get waiting(): number {
    return this.feed.waiting
  }

  /** Something happens to each of these; answers the ids of the events. */
  async happen(...subjects: string[]): Promise<string[]> {
    return this.happenAs('thing.done', ...subjects)
  }

  async happenAs(type: string, ...subjects: string[]): Promise<string[]> {
    await this.database.write(async (tx) => {
      for (const subject of subjects) await appendEvent(tx, this.system, { type, subject, data: { name: subject } })
    })
    return (await this.ids()).slice(-subjects.length)
  }

  async ids(): Promise<string[]> {
    const rows = await this.database.read.all<{ id: string }>('SELECT id FROM events ORDER BY sequence')
    return rows.map(({ id }) => id)
  }

  /** As when its database is replaced by an older one. */
  async loseEverything(): Promise<void> {
    await this.database.write((tx) => tx.run('DELETE FROM events'))
  }

  /** Its events as it hands them out. */
  async events(): Promise<unknown[]> {
    return JSON.parse((await this.#ask({ limit: '1000' })).body) as unknown[]
  }

  send({ path, headers }: OutgoingRequest): Promise<IncomingResponse> {
    const { searchParams } = new URL(path, 'http://things')
    const after = searchParams.get('lastEventId')
    this.asked.push({ after, at: this.system.monotonic() })
    this.requestIds.push(headers['x-request-id'])
    return new Promise((resolve, reject) => {
      this.#underWay.add(reject)
      this.#answer(after, Object.fromEntries(searchParams)).then(resolve, reject)
    })
  }

  close(): void {
    for (const cut of this.#underWay) cut(new NoResponse('closed'))
  }

  async #answer(after: string | null, given: Record<string, string>): Promise<IncomingResponse> {
    await new Promise(setImmediate) // as no network answers within the turn
    if (this.down !== undefined) throw new NoResponse(this.down)
    const said = await this.instead(after)
    return said ? { status: 200, headers: {}, body: '', ...said } : this.#ask(given)
  }

  async #ask(given: Record<string, string>): Promise<IncomingResponse> {
    const { query = z.undefined() } = this.route
    const nothing = { params: undefined, headers: undefined, body: undefined }
    const caller = { id: 'follower', scopes: [] }
    const waiting = { signal: () => new AbortController().signal, releaseSlot: () => undefined }
    try {
      const request = {
        ...nothing,
        query: parse(query, given, '/query'),
        caller,
        requestId: '',
        prefix: '',
        ...waiting,
      }
      const { status, headers = {}, body } = await this.route.handle(request)
      const lowerCase = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])
      return { status, headers: Object.fromEntries(lowerCase), body: body as string }
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      const types: ProblemTypes = commonProblemTypes
      const { status } = types[error.code]!
      return { status, headers: {}, body: JSON.stringify({ code: error.code, errors: error.errors }) }
    }
  }
}
