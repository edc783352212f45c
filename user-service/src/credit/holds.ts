import type { Database } from '@tandem/chassis/database/database'
import { Failure } from '@tandem/chassis/failure'
import type { System } from '@tandem/chassis/system'
import { holdCredit, releaseCredit, type Hold, type HoldDecision } from './hold-store'

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

/**
 * Holds credit for several orders in one transaction, each as if it were alone: a refusal is none of the others' business.
 * They are decided user by user: two such transactions cannot deadlock.
 */
export async function placeHolds({ database, system }: Deps, holds: readonly Hold[]): Promise<Map<Hold, HoldDecision>> {
  return database.write(async (tx) => {
    const decisions = new Map<Hold, HoldDecision>()
    for (const hold of holds.toSorted(byUser)) decisions.set(hold, await holdCredit(tx, system, hold))
    return decisions
  })
}

function byUser(a: Hold, b: Hold): number {
  return a.userId < b.userId ? -1 : Number(a.userId > b.userId)
}

/** Releases the credit held for an order, once, and refuses a later hold. Throws `hold-mismatch`. */
export async function releaseHold({ database, system }: Deps, hold: Omit<Hold, 'amountCents'>): Promise<void> {
  const decision = await database.write((tx) => releaseCredit(tx, system, hold))
  if (decision === 'hold-mismatch') throw new Failure(decision)
}
