import { z } from 'zod'
import type { TokenSource } from '../auth/token-source'
import { NoResponse, type IncomingResponse, type Transport } from '../upstream/transport'
import type { System } from '../system'
import { FollowedEvent, type EventSource, type ReadFeed, type ReadPage } from './event-source'
import { remainingEvents } from '../events/feed-route'

const responseMs = 1_500 // on top of `waitMs`
const maxEvents = 1_000 // accepted in a page, whatever the limit

/** Why a feed could not be read. The follower keeps retrying. */
export class FeedUnreadable extends Error {
  override readonly name = 'FeedUnreadable'

  constructor(
    message: string,
    /** Whether someone must act: the upstream responded, but refused or misunderstood the request. */
    readonly faulty: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }

  get unanswered(): boolean {
    return this.cause instanceof NoResponse
  }
}

// Check the length first: reporting a fault for each element of a megabyte of nonsense takes seconds and gigabytes.
const Page = z.array(z.unknown()).max(maxEvents).pipe(z.array(FollowedEvent))
const Problem = z.object({ errors: z.array(z.object({ pointer: z.string() })) })

export class FeedClient implements EventSource {
  constructor(
    private readonly transport: Transport,
    private readonly tokens: Pick<TokenSource, 'token'>,
    private readonly system: Pick<System, 'newId'>,
  ) {}

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
    return undefined // no schema accepts it
  }
}

function remaining({ headers }: IncomingResponse): number | undefined {
  const given = headers[remainingEvents.toLowerCase()]
  return typeof given === 'string' && /^\d{1,15}$/.test(given) ? Number(given) : undefined
}
