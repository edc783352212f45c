import { signal } from '@preact/signals-core'
import { NoResponse, type Service } from '../api/http'
import { eventIn, list, parkedEventIn, Unexpected, type FeedEvent, type ParkedEvent } from '../api/parse'
import { repeat } from '../pause'
import { Recent } from '../recent'
import type { Admin } from './admin'

const everyMs = 1000
const pageSize = 1000

/** The event log of a service, read from its beginning, the newest events first. For administrators. */
export class EventLog {
  readonly newest = new Recent<FeedEvent>(30)
  /** How many events were read, and how many are left to read. */
  readonly position = signal({ read: 0, left: 0 })
  readonly fault = signal<string | undefined>(undefined)
  #last: string | undefined

  constructor(
    readonly service: Service,
    private readonly admin: Admin,
  ) {}

  start(): () => void {
    return repeat(everyMs, () => this.readNow())
  }

  async readNow(): Promise<void> {
    if (this.admin.access.value === 'none') return
    try {
      const after = this.#last === undefined ? '' : `&lastEventId=${this.#last}`
      const { status, body, headers } = await this.admin.call({
        service: this.service,
        method: 'GET',
        path: `/events?limit=${pageSize}${after}`,
        isPoll: true,
      })
      if (status === 400) {
        this.#startOver() // its database was restored, or made anew
        return
      }
      if (status !== 200) throw new Unexpected(`events (${status})`)
      const events = list(body, eventIn)
      this.#last = events.at(-1)?.id ?? this.#last
      this.newest.add(...events.slice(-30))
      const left = Number(headers.get('Remaining-Events') ?? 0)
      this.position.value = { read: this.position.value.read + events.length, left }
      this.fault.value = undefined
    } catch (error) {
      this.fault.value = messageOf(error)
    }
  }

  #startOver(): void {
    this.#last = undefined
    this.position.value = { read: 0, left: 0 }
  }
}

/** The events that order-service could not handle. For administrators. */
export class ParkedEvents {
  readonly events = signal<readonly ParkedEvent[]>([])
  /** Why the last retry failed. */
  readonly fault = signal<string | undefined>(undefined)
  /** Why they could not be read. */
  readonly readFault = signal<string | undefined>(undefined)

  constructor(private readonly admin: Admin) {}

  start(): () => void {
    return repeat(2 * everyMs, () => this.readNow())
  }

  async retry(id: string): Promise<void> {
    const request = { service: 'order-service', method: 'POST', path: `/parked-events/${id}/retry` } as const
    const { status } = await this.admin.call(request).catch(() => ({ status: 0 }))
    this.fault.value = status === 204 ? undefined : `The event could not be handled (${status || 'no response'}).`
    await this.readNow()
  }

  async readNow(): Promise<void> {
    if (this.admin.access.value === 'none') return
    try {
      const request = { service: 'order-service', method: 'GET', path: '/parked-events', isPoll: true } as const
      const { status, body } = await this.admin.call(request)
      if (status !== 200) throw new Unexpected(`parked events (${status})`)
      this.events.value = list(body, parkedEventIn)
      this.readFault.value = undefined
    } catch (error) {
      this.readFault.value = messageOf(error)
    }
  }
}

function messageOf(error: unknown): string {
  if (error instanceof NoResponse || error instanceof Unexpected) return error.message
  throw error
}
