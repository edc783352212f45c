import { signal } from '@preact/signals-core'
import { NoResponse, type Service } from '../api/http'
import { codeIn, Unexpected } from '../api/parse'
import { pause } from '../pause'
import { pauseBeforeRetry } from '../shop/retry'
import type { Admin } from './admin'
import type { Faults } from './status'

const maxAttempts = 5

export interface FaultSwitch {
  name: string
  title: string
  /** What it does. */
  does: string
  body: Partial<Record<'latencyMs' | 'errorRate' | 'lostResponseRate', number>> & { frozen?: boolean }
  isOn: (faults: Faults) => boolean
}

export const faultSwitches: readonly FaultSwitch[] = [
  {
    name: 'slow',
    title: 'Slow',
    does: 'Each response takes 2 seconds longer.',
    body: { latencyMs: 2000 },
    isOn: ({ latencyMs }) => latencyMs > 0,
  },
  {
    name: 'failing',
    title: 'Failing',
    does: 'Half of the requests get a 503, and nothing is done.',
    body: { errorRate: 0.5 },
    isOn: ({ errorRate }) => errorRate > 0,
  },
  {
    name: 'lost',
    title: 'Losing responses',
    does: 'Half of the requests are worked on, but the connection breaks before the response.',
    body: { lostResponseRate: 0.5 },
    isOn: ({ lostResponseRate }) => lostResponseRate > 0,
  },
  {
    name: 'frozen',
    title: 'Frozen',
    does: 'Accepts requests, and does nothing until it thaws.',
    body: { frozen: true },
    isOn: ({ frozen }) => frozen,
  },
]

/** Switches the faults of a service, for an administrator. One is on at a time. */
export class FaultSwitches {
  readonly fault = signal<string | undefined>(undefined)

  constructor(
    readonly service: Service,
    private readonly admin: Admin,
  ) {}

  turnOn({ body }: FaultSwitch): Promise<void> {
    return this.#send('PUT', '/faults', body)
  }

  turnOff(): Promise<void> {
    return this.#send('DELETE', '/faults')
  }

  crash(): Promise<void> {
    return this.#send('POST', '/faults/crash')
  }

  /** Again after a 503: the gateway sets a service aside for a while that has just lost a response. */
  async #send(method: 'PUT' | 'DELETE' | 'POST', path: string, body?: unknown): Promise<void> {
    try {
      let reply = await this.admin.call({ service: this.service, method, path, body })
      for (let attempts = 1; reply.status === 503 && attempts < maxAttempts; attempts += 1) {
        await pause(pauseBeforeRetry(reply, attempts, Math.random()) ?? 0)
        reply = await this.admin.call({ service: this.service, method, path, body })
      }
      this.fault.value = reply.status < 300 ? undefined : (codeIn(reply.body) ?? `status ${reply.status}`)
    } catch (error) {
      if (!(error instanceof NoResponse) && !(error instanceof Unexpected)) throw error
      this.fault.value = error.message
    }
  }
}
