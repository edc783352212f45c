import type { EventSource, ReadFeed, ReadPage } from '../following/event-source'
import type { Position } from '../following/follower-store'
import type { System, Timer } from '../system'
import type { ReceivedEvent } from './message'

/** A message that the broker keeps until it is settled. */
export interface Delivery extends ReceivedEvent {
  /** Whether its event took effect; else the broker delivers it again. */
  settle(done: boolean): void
}

/** Opens a consumer. `lose`: what it has delivered cannot be settled any more, and will come again. */
export type Consume = (receive: (delivery: Delivery) => void, lose: () => void) => Consumer

export interface Consumer {
  /** Whether the broker can deliver now. */
  readonly isReady: boolean
  close(): Promise<void>
}

interface Deps {
  /** The upstream's feed, which is right in all cases. */
  feed: EventSource
  consume: Consume
  system: Pick<System, 'setTimeout' | 'clearTimeout'>
}

/** What a read has returned: if the next read is after `last`, it took effect. */
interface Given {
  last: Position
  deliveries: Delivery[]
}

/**
 * Another service's events as the broker delivers them, if each follows the one before it. Otherwise, and when there was no
 * message for a while, it reads the feed: so the broker may lose, repeat and reorder messages.
 */
export class BrokeredFeed implements EventSource {
  /** By the id of the event before; undefined for the first of a log. */
  readonly #deliveries = new Map<Position, Delivery>()
  #consumer: Consumer | undefined
  #given: Given | undefined
  #wake: (() => void) | undefined

  constructor(private readonly deps: Deps) {}

  async read(request: ReadFeed): Promise<ReadPage | 'unknown-event'> {
    const { after, limit, waitMs } = request
    this.#settleUntil(after)
    this.#consumer ??= this.deps.consume(
      (delivery) => {
        this.#receive(delivery)
      },
      () => {
        this.#forget()
      },
    )
    if (!this.#consumer.isReady) return this.#readFeed(request)
    if (waitMs > 0 && this.#deliveries.size === 0) await this.#nextDelivery(waitMs)
    const chain = this.#chain(after, limit)
    const last = chain.at(-1)
    if (last === undefined) return this.#readFeed({ ...request, waitMs: 0 })
    this.#given = { last: last.event.id, deliveries: chain }
    return { events: chain.map(({ event }) => event), remaining: this.#deliveries.size - chain.length }
  }

  async close(): Promise<void> {
    const consumer = this.#consumer
    this.#consumer = undefined
    this.#forget()
    this.#wake?.()
    await consumer?.close()
  }

  #receive(delivery: Delivery): void {
    this.#deliveries.get(delivery.previous)?.settle(true) // the same one, delivered again
    this.#deliveries.set(delivery.previous, delivery)
    this.#wake?.()
  }

  #forget(): void {
    for (const delivery of this.#deliveries.values()) delivery.settle(false)
    this.#deliveries.clear()
    this.#given = undefined
  }

  #settleUntil(after: Position): void {
    const given = this.#given
    this.#given = undefined
    if (given === undefined || given.last !== after) return
    for (const delivery of given.deliveries) {
      if (this.#deliveries.get(delivery.previous) === delivery) this.#deliveries.delete(delivery.previous)
      delivery.settle(true)
    }
  }

  #chain(after: Position, limit: number): Delivery[] {
    const chain: Delivery[] = []
    let next = this.#deliveries.get(after)
    while (next !== undefined && chain.length < limit) {
      chain.push(next)
      next = this.#deliveries.get(next.event.id)
    }
    return chain
  }

  async #readFeed(request: ReadFeed): Promise<ReadPage | 'unknown-event'> {
    const delivered = [...this.#deliveries.values()]
    const page = await this.deps.feed.read(request)
    if (page === 'unknown-event') return page
    const ids = new Set(page.events.map(({ id }) => id))
    // What was delivered before was numbered before: a page that goes to the end of the feed is beyond it.
    const passed = page.remaining === 0 ? delivered : delivered.filter(({ event }) => ids.has(event.id))
    this.#given = { last: page.events.at(-1)?.id ?? request.after, deliveries: passed }
    return page
  }

  #nextDelivery(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer: Timer = this.deps.system.setTimeout(() => this.#wake?.(), waitMs)
      this.#wake = () => {
        this.#wake = undefined
        this.deps.system.clearTimeout(timer)
        resolve()
      }
    })
  }
}
