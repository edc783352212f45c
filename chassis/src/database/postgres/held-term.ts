import type { System, Timer } from '../../system'
import type { Term, Transaction } from '../database'
import { DatabaseUnavailable } from '../unavailable'
import { leaseMs, lockTerm } from './lease-store'

/** A term of this process. It is over when it was not renewed in time, by the clock of this process. */
export class HeldTerm implements Term {
  readonly #controller = new AbortController()
  #renewedAt = 0
  #timer: Timer | undefined

  constructor(
    private readonly lease: string,
    readonly number: number,
    sentAt: number,
    private readonly system: Pick<System, 'setTimeout' | 'clearTimeout' | 'monotonic'>,
  ) {
    this.renewed(sentAt)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** A process that was paused finds this before its timer runs. */
  get isOver(): boolean {
    return this.signal.aborted || this.sinceRenewal >= leaseMs
  }

  get sinceRenewal(): number {
    return this.system.monotonic() - this.#renewedAt
  }

  renewed(sentAt: number): void {
    this.#renewedAt = sentAt
    if (this.#timer !== undefined) this.system.clearTimeout(this.#timer)
    this.#timer = this.system.setTimeout(
      () => {
        this.end()
      },
      Math.max(0, leaseMs - this.sinceRenewal),
    )
  }

  end(): void {
    if (this.#timer !== undefined) this.system.clearTimeout(this.#timer)
    this.#controller.abort()
  }

  async assertLasts(tx: Transaction): Promise<void> {
    if (!this.isOver && (await lockTerm(tx, this.lease, this.number))) return
    this.end()
    throw new DatabaseUnavailable(new Error(`the lease "${this.lease}" was lost`))
  }
}
