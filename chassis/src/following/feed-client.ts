import { z } from 'zod'
import type { TokenSource } from '../auth/token-source'
import { NoResponse, type IncomingResponse, type Transport } from '../upstream/transport'
import type { System } from '../system'
import { id } from '../http/fields'
import type { Position } from './follower-store'
import { remainingEvents } from '../events/feed-route'

const responseMs = 1_500 // beyond the time that the other side may wait
const maxEvents = 1_000 // in a page, whatever was asked for

/** An event as it was read from another service's feed. */
export type FollowedEvent = z.infer<typeof FollowedEvent>

export interface ReadFeed {
  after: Position
  limit: number
  /** How long the other side may wait where there is nothing yet. */
  waitMs: number
  /** Of the request that this is a part of. */
  requestId?: string
}

export interface ReadPage {
  events: FollowedEvent[]
  /** How many come after these; undefined where the other side does not say. */
  remaining: number | undefined
}

/** Why a feed could not be read. Whoever follows it goes on trying. */
export class FeedUnreadable extends Error {
  override readonly name = 'FeedUnreadable'

  constructor(
    message: string,
    /** Whether somebody must act: the other side is there, and does not take or make sense of what was asked. */
    readonly faulty: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }

  /** Whether the other side did not answer at all. */
  get unanswered(): boolean {
    return this.cause instanceof NoResponse
  }
}

// Only what is read of an event (CloudEvents 1.0): the data are for the handler of its type to parse.
const FollowedEvent = z.object({
  specversion: z.literal('1.0'),
  id,
  type: z.string(),
  time: z.iso.datetime({ offset: true }),
  data: z.unknown(),
})
// Counted first: a megabyte of nonsense has a fault at each element, and takes seconds and gigabytes to tell of them.
const Page = z.array(z.unknown()).max(maxEvents).pipe(z.array(FollowedEvent))
const Problem = z.object({ errors: z.array(z.object({ pointer: z.string() })) })

/** Another service's feed (HTTP Feeds), read a page at a time. */
export class FeedClient {
  constructor(
    private readonly transport: Transport,
    private readonly tokens: Pick<TokenSource, 'token'>,
    private readonly system: Pick<System, 'newId'>,
  ) {}

  /** Answers `unknown-event` where the other side has no event of the id in `after`. Throws FeedUnreadable. */
  async read({ after, limit, waitMs, requestId = this.system.newId() }: ReadFeed): Promise<ReadPage | 'unknown-event'> {
    const given = { limit: String(limit), timeout: String(waitMs), ...(after !== undefined && { lastEventId: after }) }
    const headers = { authorization: `Bearer ${await this.tokens.token()}`, 'x-request-id': requestId }
    const path = `/events?${new URLSearchParams(given).toString()}`
    const answer = await this.transport.send({ method: 'GET', path, headers }, waitMs + responseMs).catch(noAnswer)
    if (answer.status === 400 && after !== undefined && namesTheEvent(answer)) return 'unknown-event'
    if (answer.status !== 200) throw new FeedUnreadable(`status ${answer.status}`, answer.status < 500)
    const page = Page.safeParse(json(answer))
    if (!page.success) {
      const [fault] = page.error.issues
      const where = fault === undefined ? '' : ` at /${fault.path.join('/')}: ${fault.message}`
      throw new FeedUnreadable(`not a page of events${where}`, true)
    }
    return { events: page.data, remaining: remaining(answer) }
  }
}

function noAnswer(error: unknown): never {
  if (error instanceof NoResponse) throw new FeedUnreadable(error.reason, false, { cause: error })
  throw error
}

function namesTheEvent(answer: IncomingResponse): boolean {
  const { data: problem } = Problem.safeParse(json(answer))
  return problem?.errors.some(({ pointer }) => pointer === '/query/lastEventId') ?? false
}

function json({ body }: IncomingResponse): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined // as no schema takes it
  }
}

function remaining({ headers }: IncomingResponse): number | undefined {
  const given = headers[remainingEvents.toLowerCase()]
  return typeof given === 'string' && /^\d{1,15}$/.test(given) ? Number(given) : undefined
}
