import type { Queries, Transaction } from '@tandem/chassis/database/database'
import { timestamp, type System } from '@tandem/chassis/system'
import { lockUser } from '../users/user-store'

export interface Hold {
  orderId: string
  userId: string
  amountCents: number
}

export type HoldDecision =
  'held' | 'held-before' | 'insufficient-credit' | 'user-not-found' | 'hold-mismatch' | 'hold-released'

/**
 * Holds the credit for an order, or records the refusal: the first decision on an order id stands. The row is written first,
 * so that only one of two concurrent attempts touches the credit.
 */
export async function holdCredit(tx: Transaction, system: Pick<System, 'now'>, hold: Hold): Promise<HoldDecision> {
  const { orderId, userId, amountCents } = hold
  await lockUser(tx, userId)
  const first = await tx.run(
    `INSERT INTO holds (order_id, user_id, state, amount_cents, decided_at)
     SELECT ?, id, 'held', ?, ? FROM users WHERE id = ?
     ON CONFLICT (order_id) DO NOTHING`,
    orderId,
    amountCents,
    timestamp(system),
    userId,
  )
  if (first === 0) return earlierDecision(tx, hold)
  const taken = await tx.run(
    'UPDATE users SET credit_cents = credit_cents - ? WHERE id = ? AND credit_cents >= ?',
    amountCents,
    userId,
    amountCents,
  )
  if (taken === 1) return 'held'
  await tx.run("UPDATE holds SET state = 'refused' WHERE order_id = ?", orderId)
  return 'insufficient-credit'
}

async function earlierDecision(tx: Transaction, { orderId, userId, amountCents }: Hold): Promise<HoldDecision> {
  const user = await tx.get('SELECT id FROM users WHERE id = ?', userId)
  const earlier = await findDecision(tx, orderId)
  if (user === undefined || earlier === undefined) return 'user-not-found'
  if (earlier.state === 'released') return 'hold-released'
  if (earlier.state === 'refused') return 'insufficient-credit'
  return earlier.userId === userId && earlier.amountCents === amountCents ? 'held-before' : 'hold-mismatch'
}

interface Decision {
  userId: string
  state: 'held' | 'refused' | 'released'
  /** Null if a release came before its hold. */
  amountCents: number | null
}

/** Returns the decision on an order; undefined if there is none. */
export async function findDecision(queries: Queries, orderId: string): Promise<Decision | undefined> {
  return queries.get<Decision>(
    'SELECT user_id AS "userId", state, amount_cents AS "amountCents" FROM holds WHERE order_id = ?',
    orderId,
  )
}

/** Active holds by order id, from `after` on. */
export async function listHeld(queries: Queries, after: string, limit: number): Promise<Hold[]> {
  return queries.all<Hold>(
    `SELECT order_id AS "orderId", user_id AS "userId", amount_cents AS "amountCents" FROM holds
     WHERE state = 'held' AND order_id > ? ORDER BY order_id LIMIT ?`,
    after,
    limit,
  )
}

/**
 * Deletes at most `limit` active holds of a deleted user. Returns how many: fewer if none is left. Those that it selects are
 * locked, as one of them may be released, or deleted by another replica, just now.
 */
export async function deleteHeld(tx: Transaction, userId: string, limit: number): Promise<number> {
  const lock = tx.isConcurrent ? 'FOR UPDATE' : ''
  return tx.run(
    `DELETE FROM holds
     WHERE order_id IN (SELECT order_id FROM holds WHERE user_id = ? AND state = 'held' LIMIT ? ${lock})`,
    userId,
    limit,
  )
}

/**
 * Releases the credit once. Without a hold it leaves a tombstone, so that a late hold is refused. Returns `hold-mismatch` if
 * the hold is another user's. The row is written first: a read before it would miss an uncommitted hold.
 */
export async function releaseCredit(
  tx: Transaction,
  system: Pick<System, 'now'>,
  { orderId, userId }: Omit<Hold, 'amountCents'>,
): Promise<'released' | 'hold-mismatch'> {
  await lockUser(tx, userId)
  const first = await tx.run(
    `INSERT INTO holds (order_id, user_id, state, decided_at) VALUES (?, ?, 'released', ?) ON CONFLICT (order_id) DO NOTHING`,
    orderId,
    userId,
    timestamp(system),
  )
  if (first === 1) return 'released'
  const released = await tx.get<{ amount_cents: number }>(
    `UPDATE holds SET state = 'released' WHERE order_id = ? AND user_id = ? AND state = 'held' RETURNING amount_cents`,
    orderId,
    userId,
  )
  if (released) {
    await tx.run('UPDATE users SET credit_cents = credit_cents + ? WHERE id = ?', released.amount_cents, userId)
    return 'released'
  }
  const kept = await tx.get<{ state: string }>('SELECT state FROM holds WHERE order_id = ?', orderId)
  return kept?.state === 'held' ? 'hold-mismatch' : 'released'
}
