import type { Database } from '@tandem/chassis/database/database'
import { Failure } from '@tandem/chassis/failure'
import type { RequestKey } from '@tandem/chassis/http/idempotency-key'
import { timestamp, type System } from '@tandem/chassis/system'
import { findUser, lockUser } from '../users/user-store'
import { addCredit, findDeposit, insertDeposit, type Deposit } from './deposit-store'

interface Deps {
  database: Database
  system: System
}

/**
 * Deposits once for each key. Throws `user-not-found`, `idempotency-key-reused`, or `invalid-request` if the credit would
 * exceed a safe integer.
 */
export async function deposit(
  { database, system }: Deps,
  { userId, amountCents }: { userId: string; amountCents: number },
  key: RequestKey,
): Promise<{ deposit: Deposit; replayed: boolean }> {
  return database.write(async (tx) => {
    await lockUser(tx, userId)
    if (!(await findUser(tx, userId))) throw new Failure('user-not-found')
    const earlier = await findDeposit(tx, key)
    if (earlier) {
      if (earlier.userId !== userId || earlier.amountCents !== amountCents) throw new Failure('idempotency-key-reused')
      return { deposit: earlier, replayed: true }
    }
    const creditCents = await addCredit(tx, userId, amountCents)
    if (creditCents === undefined) throw tooMuch()
    const made: Deposit = { id: system.newId(), userId, amountCents, creditCents, createdAt: timestamp(system) }
    await insertDeposit(tx, made, key)
    return { deposit: made, replayed: false }
  })
}

function tooMuch(): Failure {
  const detail = 'would take the credit beyond 9007199254740991'
  return new Failure('invalid-request', { errors: [{ pointer: '/amountCents', detail }] })
}
