import type { Database, Transaction } from '@tandem/chassis/database/database'
import { endRedaction, nextRedaction, redactSome } from '@tandem/chassis/events/redaction-store'
import type { Log } from '@tandem/chassis/log'
import { Loop } from '@tandem/chassis/loop'
import type { System } from '@tandem/chassis/system'
import { deleteHeld } from '../credit/hold-store'

/** Small enough that many deletions at once do not delay other requests. */
const pageRows = 100
const idleMs = 1_000

/** Erases a page of a deleted user's holds and names in events. Returns whether nothing is left. */
export async function eraseSome(tx: Transaction, userId: string): Promise<boolean> {
  const deleted = await deleteHeld(tx, userId, pageRows)
  const isRedacted = await redactSome(tx, userId, pageRows)
  if (deleted === pageRows || !isRedacted) return false
  await endRedaction(tx, userId)
  return true
}

interface Deps {
  database: Database
  system: System
  log: Log
}

/** Finishes erasures that are too large for one transaction, also after a crash. */
export class Eraser {
  readonly #loop: Loop

  constructor(private readonly deps: Deps) {
    this.#loop = new Loop(() => this.#step(), deps.system)
  }

  start(): void {
    this.#loop.start()
  }

  /** Waits for the current page. */
  stop(): Promise<void> {
    return this.#loop.stop()
  }

  async #step(): Promise<number> {
    const { database, log } = this.deps
    try {
      const userId = await nextRedaction(database.read)
      if (userId === undefined) return idleMs
      if (await database.write((tx) => eraseSome(tx, userId))) log.info({ userId }, 'user erased')
      return 0
    } catch (err) {
      log.error({ err }, 'erasing failed')
      return idleMs
    }
  }
}
