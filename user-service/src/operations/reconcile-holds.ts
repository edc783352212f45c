import type { Database, Transaction } from '@tandem/chassis/database/database'
import { readAs, type PrintedRecord } from '@tandem/chassis/operations/read-records'
import { OperatorError } from '@tandem/chassis/failure'
import type { System } from '@tandem/chassis/system'
import { z } from 'zod'
import { wasDeleted } from '../users/user-events'
import { findUser } from '../users/user-store'
import { deleteExpected, insertExpected, listLacking, listUnexpected, type ExpectedHold } from './expected-holds-store'
import { findDecision, listHeld, releaseCredit, holdCredit, type Hold, type HoldDecision } from '../credit/hold-store'

const pageSize = 1000
const holdsAtOnce = 100 // in one transaction

// Only the members of order-service's records that we read.
const OrderRecord = z.object({
  id: z.string(),
  userId: z.string(),
  totalCents: z.int(),
  status: z.enum(['pending', 'confirmed', 'rejected', 'cancelling', 'cancelled']),
})

/** The result for one hold; if it could not be repaired, why, and what an operator can do. */
export type Reconciled = Hold & ({ outcome: 'released' | 'held' } | NotMended)

interface NotMended {
  outcome: 'not-mended'
  why: string
}

interface Deps {
  database: Database
  system: System
}

/**
 * After a restore, by the records of order-service: gives back what is held for orders that are not there or have ended,
 * and then holds what confirmed orders lack. A lack of credit decides nothing here, so that it can be tried again. Throws
 * an OperatorError, and gives nothing back, if there is no order at all: that is more likely a database that was not restored.
 * What is expected is kept in a table meanwhile, as there may be any number of orders.
 */
export async function* reconcileHolds(
  { database, system }: Deps,
  recordsOfOrderService: AsyncIterable<PrintedRecord>,
): AsyncGenerator<Reconciled> {
  await forgetExpected(database) // of a run that was cut short
  try {
    const orders = await keepExpected(database, recordsOfOrderService)
    const [anyHold] = await listHeld(database.read, '', 1)
    if (orders === 0 && anyHold) {
      throw new OperatorError(
        'order-service has no order at all, while credit is held for some: was its database restored?',
      )
    }
    for await (const holds of inPages((after) => listUnexpected(database.read, after, holdsAtOnce))) {
      await database.write(async (tx) => {
        for (const hold of holds) await releaseCredit(tx, system, hold)
      })
      for (const hold of holds) yield { ...hold, outcome: 'released' }
    }
    for await (const holds of inPages((after) => listLacking(database.read, after, holdsAtOnce))) {
      yield* await database.write(async (tx) => {
        const reconciled: Reconciled[] = []
        for (const hold of holds) {
          const outcome = await holdAgain(tx, system, hold)
          if (outcome) reconciled.push({ ...hold, ...outcome })
        }
        return reconciled
      })
    }
  } finally {
    await forgetExpected(database)
  }
}

/** Returns how many orders there are. */
async function keepExpected(database: Database, recordsOfOrderService: AsyncIterable<PrintedRecord>): Promise<number> {
  let orders = 0
  let page: ExpectedHold[] = []
  const keep = async () => {
    const holds = page
    page = []
    await database.write((tx) => insertExpected(tx, holds))
  }
  for await (const record of recordsOfOrderService) {
    if (record.kind !== 'order') continue
    const { id: orderId, userId, totalCents: amountCents, status } = readAs(OrderRecord, record, 'order-service')
    orders += 1
    if (status === 'rejected' || status === 'cancelled') continue // nothing is held for one that has ended
    page.push({ orderId, userId, amountCents, isConfirmed: status === 'confirmed' })
    if (page.length === pageSize) await keep()
  }
  await keep()
  return orders
}

async function forgetExpected(database: Database): Promise<void> {
  while ((await database.write((tx) => deleteExpected(tx, pageSize))) === pageSize);
}

async function* inPages(list: (after: string) => Promise<Hold[]>): AsyncGenerator<Hold[]> {
  let page: Hold[] = []
  do {
    page = await list(page.at(-1)?.orderId ?? '')
    yield page
  } while (page.length === holdsAtOnce)
}

/** Returns undefined if nothing needs repair: a deleted user has no holds. */
async function holdAgain(
  tx: Transaction,
  system: System,
  hold: Hold,
): Promise<{ outcome: 'held' } | NotMended | undefined> {
  const user = await findUser(tx, hold.userId)
  if (user === undefined && (await wasDeleted(tx, hold.userId))) return undefined
  const decidedBefore = (await findDecision(tx, hold.orderId)) !== undefined
  if (user && !decidedBefore && user.creditCents < hold.amountCents) {
    const why = `the credit left is ${user.creditCents}: deposit what is missing and try again, or cancel the order`
    return { outcome: 'not-mended', why }
  }
  const decision = await holdCredit(tx, system, hold)
  if (decision === 'held' || decision === 'held-before') return { outcome: 'held' }
  return { outcome: 'not-mended', why: reasons[decision] }
}

const reasons: Record<Exclude<HoldDecision, 'held' | 'held-before'>, string> = {
  'user-not-found': 'there is no such user, who has signed up after the back-up was made',
  'insufficient-credit': 'it was refused for a lack of credit, which stands: cancel the order',
  'hold-released': 'it was given back, which stands: cancel the order',
  'hold-mismatch': "another amount is held for the order, or another user's",
}
