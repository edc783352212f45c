import type { Database } from '@tandem/chassis/database/database'
import { Failure } from '@tandem/chassis/failure'
import type { System } from '@tandem/chassis/system'
import { holdCredit, releaseCredit, type Hold } from './hold-store'

interface Deps {
  database: Database
  system: System
}

/**
 * Holds credit for an order. The first decision on the order's id stands, so a refusal is committed too: it is thrown after
 * the transaction. Throws `user-not-found`, `insufficient-credit`, `hold-mismatch` or `hold-released`.
 */
export async function placeHold({ database, system }: Deps, hold: Hold): Promise<{ replayed: boolean }> {
  const decision = await database.write((tx) => holdCredit(tx, system, hold))
  if (decision === 'held' || decision === 'held-before') return { replayed: decision === 'held-before' }
  throw new Failure(decision)
}

/** Releases the credit held for an order, once, and refuses a later hold. Throws `hold-mismatch`. */
export async function releaseHold({ database, system }: Deps, hold: Omit<Hold, 'amountCents'>): Promise<void> {
  const decision = await database.write((tx) => releaseCredit(tx, system, hold))
  if (decision === 'hold-mismatch') throw new Failure(decision)
}
