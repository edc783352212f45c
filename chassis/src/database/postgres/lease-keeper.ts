import { hostname } from 'node:os'
import type { Client } from 'pg'
import type { Log } from '../../log'
import { Loop } from '../../loop'
import type { System } from '../../system'
import type { Lease } from '../database'
import { leaseMs, endLease, renewLease, takeLease } from './lease-store'
import { HeldTerm } from './held-term'
import { StandingConnection } from './standing-connection'

const stepMs = 500
const renewMs = 1000

interface Entry {
  name: string
  term?: HeldTerm | undefined
}

/**
 * Competes for leases and renews those that it holds, on a connection of its own, since the pool may be exhausted. A lease
 * ends three seconds after its last renewal was sent, here by the clock of this process and there by that of the database.
 */
export class LeaseKeeper {
  readonly #entries = new Set<Entry>()
  readonly #loop: Loop
  readonly #connection: StandingConnection
  #last: Promise<unknown> = Promise.resolve()

  constructor(
    url: string,
    private readonly system: Pick<System, 'setTimeout' | 'clearTimeout' | 'monotonic'>,
    private readonly log: Log,
  ) {
    this.#loop = new Loop(() => this.#step(), system)
    this.#connection = new StandingConnection({
      config: { connectionString: url, query_timeout: leaseMs, lock_timeout: leaseMs },
      log,
      purpose: 'no lease can be had or renewed',
    })
  }

  add(name: string): Lease {
    const entry: Entry = { name }
    this.#entries.add(entry)
    if (this.#entries.size === 1) this.#loop.start()
    return {
      isShared: true,
      get term() {
        return entry.term?.isOver === false ? entry.term : undefined
      },
      release: () => this.#inTurn(() => this.#release(entry)),
    }
  }

  async stop(): Promise<void> {
    await this.#loop.stop()
    for (const entry of this.#entries) await this.#inTurn(() => this.#release(entry))
    await this.#connection.end()
  }

  async #step(): Promise<number> {
    for (const entry of this.#entries) await this.#inTurn(() => this.#keep(entry))
    return stepMs
  }

  /** One query at a time is all that a connection takes. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work)
    this.#last = done
    return done
  }

  async #keep(entry: Entry): Promise<void> {
    if (!this.#entries.has(entry)) return
    if (entry.term?.isOver === false && entry.term.sinceRenewal < renewMs) return
    await this.#withConnection(async (client) => {
      const sentAt = this.system.monotonic()
      if (entry.term?.isOver === false) {
        if (await renewLease(client, entry.name, entry.term.number)) entry.term.renewed(sentAt)
        else entry.term.end()
        return
      }
      const number = await takeLease(client, entry.name, hostname())
      if (number === undefined) return
      this.log.info({ lease: entry.name, term: number }, 'lease taken')
      entry.term = this.#begin(entry.name, number, sentAt)
    })
  }

  #begin(name: string, number: number, sentAt: number): HeldTerm {
    const term = new HeldTerm(name, number, sentAt, this.system)
    term.signal.addEventListener('abort', () => {
      this.log.info({ lease: name, term: number }, 'lease ended')
    })
    return term
  }

  async #release(entry: Entry): Promise<void> {
    this.#entries.delete(entry)
    const { term } = entry
    if (term === undefined || term.isOver) return
    term.end()
    await this.#withConnection((client) => endLease(client, entry.name, term.number))
  }

  async #withConnection(work: (client: Client) => Promise<void>): Promise<void> {
    const client = await this.#connection.client()
    if (client === undefined) return
    try {
      await work(client)
    } catch (error) {
      await this.#connection.drop(client, error as Error) // pg rejects with Errors only
    }
  }
}
