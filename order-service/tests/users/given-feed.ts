import {
  NoResponse,
  type IncomingResponse,
  type OutgoingRequest,
  type Transport,
} from '@tandem/chassis/upstream/transport'
import type { Database } from '@tandem/chassis/database/database'
import { realSystem } from '@tandem/chassis/system'
import { eventually } from '../../../chassis/testing/temporary'
import type { VirtualSystem } from '../../../chassis/testing/virtual-system'
import { testOrders, type TestOrders } from '../support/order-app'

interface FeedEvent {
  id: string
  type: string
}

type Asked = (answer: IncomingResponse | NoResponse) => void

/** user-service's feed as a test tells it: page by page, in any order, twice where it likes. */
export class GivenFeed implements Transport {
  readonly #told: FeedEvent[] = []
  #asked: Asked | undefined
  #onAsked: ((asked: Asked) => void) | undefined

  send({ path }: OutgoingRequest): Promise<IncomingResponse> {
    const query = new URL(path, 'http://user-service').searchParams
    if (query.get('timeout') === '0') return Promise.resolve(pageOf(this.#after(query.get('lastEventId'))))
    return new Promise((resolve, reject) => {
      this.#asked = (answer) => {
        if (answer instanceof NoResponse) reject(answer)
        else resolve(answer)
      }
      this.#onAsked?.(this.#asked)
    })
  }

  close(): void {
    this.#asked?.(new NoResponse('closed'))
  }

  /** Hands out one page of events; resolves when the follower is through with it and asks for the next. */
  async tell(...events: FeedEvent[]): Promise<void> {
    const asked = this.#asked ?? (await this.#nextAsked())
    this.#told.push(...events)
    const next = this.#nextAsked()
    this.#asked = undefined
    asked(pageOf(events))
    await next
  }

  #nextAsked(): Promise<Asked> {
    return new Promise((resolve) => (this.#onAsked = resolve))
  }

  #after(eventId: string | null): FeedEvent[] {
    const next = this.#told.findIndex(({ id }) => id === eventId) + 1
    return this.#told.slice(next, next + 1)
  }
}

function pageOf(events: FeedEvent[]): IncomingResponse {
  return { status: 200, headers: { 'remaining-events': '0' }, body: JSON.stringify(events) }
}

/** An event as user-service writes it, but for data that a test may get wrong. */
export function userEvent(what: 'created' | 'updated' | 'deleted' | 'promoted', data: unknown) {
  const time = '2026-01-01T00:00:00.000Z'
  return { specversion: '1.0', id: realSystem.newId(), type: `user.${what}`, time, data }
}

/** order-service, following a feed that the test tells. */
export async function followingOrders(
  options: Parameters<typeof testOrders>[0] = {},
): Promise<TestOrders & { feed: GivenFeed }> {
  const feed = new GivenFeed()
  const orders = await testOrders({ ...options, feedTransport: feed })
  orders.follower.start()
  return { ...orders, feed }
}

/** Lets virtual time pass until it is done: the tries of what cannot be handled. */
export async function whilePassing(system: VirtualSystem, done: Promise<void>): Promise<void> {
  let isDone = false
  void done.then(() => (isDone = true))
  await eventually(async () => {
    await system.pass(1_000)
    return isDone
  })
}

interface StoredCopy {
  id: string
  name: string | null
  version: number
  changes: number
}

/** The copies of users, whole. */
export async function storedCopies({ read }: Database): Promise<StoredCopy[]> {
  return read.all<StoredCopy>('SELECT id, name, version, changes FROM user_copies ORDER BY id')
}
