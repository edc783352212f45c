import { signal } from '@preact/signals-core'
import { NoResponse, type Api, type Reply, type Service } from '../api/http'
import { Unexpected } from '../api/parse'
import { repeat } from '../pause'
import type { Admin } from './admin'
import { healthIn, statusIn, type Health, type Status } from './status'

const everyMs = 1000
const forgetReplicaMs = 15_000

export interface Replica {
  status: Status
  seenAt: number
}

/** A service as it was seen last. */
export interface Seen {
  state: 'unknown' | 'up' | 'down'
  /** Why it is down. */
  why?: string
  health?: Health
  /** By name; empty for a page that may not see them. One of them responds to each question. */
  replicas: ReadonlyMap<string, Replica>
}

/** Asks a service every second how it is. */
export class Monitor {
  readonly seen = signal<Seen>({ state: 'unknown', replicas: new Map() })

  constructor(
    readonly service: Service,
    private readonly api: Api,
    private readonly admin: Admin,
  ) {}

  start(): () => void {
    return repeat(everyMs, () => this.askNow())
  }

  /** What the replica that was asked last says; undefined if the page may not see it. */
  get status(): Status | undefined {
    return [...this.seen.value.replicas.values()].sort((a, b) => b.seenAt - a.seenAt)[0]?.status
  }

  async askNow(): Promise<void> {
    const path = { service: this.service, method: 'GET', isPoll: true, timeoutMs: 3000 } as const
    try {
      const { status, body } = await this.api.call({ ...path, path: '/health' })
      if (status !== 200) throw new Unexpected(`its health (${status})`)
      const health = healthIn(body)
      this.seen.value = { state: 'up', health, replicas: young(this.seen.value.replicas) }
      const replicas = await this.#replicas(() => this.admin.call({ ...path, path: '/status' }))
      this.seen.value = { state: 'up', health, replicas }
    } catch (error) {
      if (!(error instanceof NoResponse) && !(error instanceof Unexpected)) throw error
      const { health, replicas } = this.seen.value
      this.seen.value = { state: 'down', why: error.message, replicas: young(replicas), ...(health && { health }) }
    }
  }

  async #replicas(ask: () => Promise<Reply>): Promise<Seen['replicas']> {
    if (this.admin.access.value === 'none') return new Map()
    const known = young(this.seen.value.replicas)
    const { status, body } = await ask().catch(notSeen)
    if (status !== 200) return known
    const seen = statusIn(body)
    return new Map([...known, [seen.replica, { status: seen, seenAt: Date.now() }]])
  }
}

/** As when the administrator's token cannot be renewed: the service is up all the same. */
function notSeen(error: unknown): Pick<Reply, 'status' | 'body'> {
  if (error instanceof NoResponse || error instanceof Unexpected) return { status: 0, body: undefined }
  throw error
}

function young(replicas: Seen['replicas']): Map<string, Replica> {
  const since = Date.now() - forgetReplicaMs
  return new Map([...replicas].filter(([, { seenAt }]) => seenAt > since))
}
