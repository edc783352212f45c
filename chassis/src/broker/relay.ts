import { Counter, Gauge, type Registry } from 'prom-client'
import type { Database, Lease } from '../database/database'
import { fenced } from '../database/fenced'
import { cloudEvent } from '../events/cloud-event'
import { eventAttributes, listEvents, logState, type StoredEvent } from '../events/event-store'
import type { Log } from '../log'
import { Loop } from '../loop'
import type { System } from '../system'
import { traceContext } from '../tracing/trace-context'
import type { Span, Tracer } from '../tracing/tracing'
import { previousId, type Message } from './message'
import { beginRelaying, findRelayPosition, moveRelay } from './relay-store'

const pageLimit = 200
const pollMs = 1000
const standbyMs = 250

export interface Publisher {
  /** Resolves once the broker has stored all of them. They are sent in this order. */
  publish(messages: readonly Message[]): Promise<void>
}

interface Deps {
  /** Whose events they are. */
  service: string
  publisher: Publisher
  database: Database
  tracer?: Tracer | undefined
  registry: Registry
  system: Pick<System, 'setTimeout' | 'clearTimeout'>
  log: Log
}

/**
 * Publishes the events of the log in the order of their numbers, in the process that has the lease for it, and remembers how
 * far it is. After a failure it begins with the first one that may not have arrived: so a message can come twice.
 */
export class Relay {
  readonly #loop: Loop
  readonly #database: Database
  readonly #relayed: Counter
  #lease: Lease | undefined
  #failing = false

  constructor(private readonly deps: Deps) {
    const { database, registry, system } = deps
    this.#loop = new Loop(() => this.#step(), system)
    this.#database = fenced(database, () => this.#lease?.term)
    this.#relayed = new Counter({
      name: 'relayed_events_total',
      help: 'Events that this process has published to the broker',
      registers: [registry],
    })
    new Gauge({
      name: 'relay_lag_events',
      help: 'Events that were not published to the broker yet',
      registers: [registry],
      async collect() {
        this.set(await eventsBehind(database))
      },
    })
    database.onChange(() => {
      this.#loop.wake()
    })
  }

  start(): void {
    this.#lease = this.deps.database.lease('relay')
    this.#loop.start()
  }

  async stop(): Promise<void> {
    await this.#loop.stop()
    await this.#lease?.release()
  }

  async #step(): Promise<number> {
    const term = this.#lease?.term
    if (term === undefined) return standbyMs
    try {
      const published = await this.#relayPage()
      if (this.#failing) this.deps.log.info('events are published again')
      this.#failing = false
      return published === pageLimit ? 0 : pollMs
    } catch (error) {
      if (term.signal.aborted) return standbyMs
      if (!this.#failing) this.deps.log.warn({ reason: (error as Error).message }, 'events cannot be published')
      this.#failing = true
      return pollMs
    }
  }

  /** Returns how many events it has published. */
  async #relayPage(): Promise<number> {
    const { database, service, publisher } = this.deps
    const position = await findRelayPosition(database.read)
    if (position === undefined) {
      await this.#database.write(beginRelaying)
      return pageLimit
    }
    const events = await listEvents(database.read, { after: position.sequence, limit: pageLimit })
    const last = events.at(-1)
    if (last === undefined) return 0
    let previous = position.eventId
    const messages = events.map((event): Message => {
      const json = cloudEvent(`/${service}`, event, previous === null ? {} : { [previousId]: previous })
      previous = event.id
      return { service, id: event.id, type: event.type, json }
    })
    const spans = this.#startSpans(events)
    try {
      await publisher.publish(messages)
    } catch (error) {
      for (const span of spans) span.fail('not-published')
      throw error
    } finally {
      for (const span of spans) span.end()
    }
    await this.#database.write((tx) => moveRelay(tx, last.id))
    this.#relayed.inc(events.length)
    return events.length
  }

  /** One for each event that belongs to a trace. */
  #startSpans(events: readonly StoredEvent[]): Span[] {
    const { tracer } = this.deps
    if (!tracer) return []
    return events.flatMap(({ id, type, traceparent }) => {
      const parent = traceContext(traceparent)
      const options = { kind: 'producer', attributes: eventAttributes('publish', id) } as const
      return parent ? [tracer.start(`publish ${type}`, options, parent)] : []
    })
  }
}

async function eventsBehind({ read }: Database): Promise<number> {
  const [position, { newest, unnumbered }] = await Promise.all([findRelayPosition(read), logState(read)])
  return position === undefined ? 0 : newest - position.sequence + unnumbered
}
