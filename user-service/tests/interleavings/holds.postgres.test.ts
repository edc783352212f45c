import type { Transaction } from '@tandem/chassis/database/database'
import { expectInOrder } from '../../../chassis/testing/expect-in-order'
import type { Side } from '../../../chassis/testing/stepped-side'
import { placeHold, placeHolds, releaseHold } from '../../src/credit/holds'
import { ada, adaAndBob, bobId, interleavedUsers, remove, userId, withoutLock } from '../support/interleaved'

const explore = interleavedUsers()
const orderId = '0190f3c6-0000-7000-8000-00000000000a'
const otherOrderId = '0190f3c6-0000-7000-8000-00000000000b'

const hold = (side: Side) => placeHold(side, { orderId, userId, amountCents: 400 })
const holdMore = (side: Side) => placeHold(side, { orderId, userId, amountCents: 401 })
const holdForAnother = (side: Side) => placeHold(side, { orderId: otherOrderId, userId, amountCents: 400 })
const holdForBob = (side: Side) => placeHold(side, { orderId, userId: bobId, amountCents: 400 })
const both = [
  { orderId, userId, amountCents: 400 },
  { orderId: otherOrderId, userId: bobId, amountCents: 400 },
]
const holdBoth = (side: Side) => placeHolds(side, both)
const holdBothTurned = (side: Side) => placeHolds(side, both.toReversed())
const holdBothAgain = (side: Side) => placeHolds(side, [...both, { orderId, userId, amountCents: 400 }])
const releaseForBob = (side: Side) => releaseHold(side, { orderId, userId: bobId })
const release = (side: Side) => releaseHold(side, { orderId, userId })
const held = async (side: Side) => {
  await ada(side)
  await hold(side)
}

describe('In every interleaving, both end as one after the other:', () => {
  it.each([
    ['a hold and its release', ada, hold, release],
    ['a repeated hold and its release', held, hold, release],
    ['a release and its repetition', held, release, release],
    ['a release without a hold and its repetition', ada, release, release],
    ['a hold and its repetition', ada, hold, hold],
    ['two holds of other amounts for one order', ada, hold, holdMore],
    ['holds for two orders with credit for one', ada, hold, holdForAnother],
    ['a hold and the release that gives it its credit', held, holdForAnother, release],
    ['holds of two users for one order', adaAndBob, hold, holdForBob],
    ['a hold and the release of another user', adaAndBob, hold, releaseForBob],
    ['a release and that of another user', adaAndBob, release, releaseForBob],
    ['the deletion of a user and the release of another one', adaAndBob, remove, releaseForBob],
    ['holds of two users and the same in another order', adaAndBob, holdBoth, holdBothTurned],
    ['holds of two users and a repetition of one of them', adaAndBob, holdBothAgain, hold],
    ['holds of two users and a release', adaAndBob, holdBoth, release],
    ['holds of two users and the deletion of one', adaAndBob, holdBoth, remove],
    ['a hold and the deletion of its user', ada, hold, remove],
    ['a release without a hold and the deletion of its user', ada, release, remove],
    ['a release and the deletion of its user', held, release, remove],
  ])('%s', async (_pair, given, left, right) => {
    expectInOrder(await explore({ given, pair: [left, right] }))
  })
})

describe('Without the lock of the user it is noticed that', () => {
  it('a hold would be refused for lack of credit if its user is being deleted', async () => {
    const { bad } = await explore({ given: ada, pair: [hold, remove], without: withoutLock })
    expect(bad).toMatchObject([{ seen: { outcomes: [{ threw: 'insufficient-credit' }, {}] } }])
  })

  it('a release would be lost with the hold if its user is being deleted', async () => {
    const { bad } = await explore({ given: held, pair: [remove, release], without: withoutLock })
    expect(bad).toHaveLength(1)
  })
})

describe('A release that looks for the hold before it writes its row', () => {
  it('is caught: credit stays held for an order that is told that nothing is', async () => {
    const releaseByALook = ({ database }: Side) => database.write(lookAndRelease)
    const { count, bad } = await explore({ given: ada, pair: [hold, releaseByALook] })
    expect([bad.length, count]).toEqual([4, 8])
    expect(bad[0]).toMatchObject({ seen: { outcomes: [{}, { returned: 'hold-mismatch' }] } })
  })
})

/** How it was done once. */
async function lookAndRelease(tx: Transaction): Promise<string> {
  const released = await tx.get<{ amount_cents: number }>(
    `UPDATE holds SET state = 'released' WHERE order_id = ? AND state = 'held' RETURNING amount_cents`,
    orderId,
  )
  if (released) {
    await tx.run('UPDATE users SET credit_cents = credit_cents + ? WHERE id = ?', released.amount_cents, userId)
    return 'released'
  }
  await tx.run(
    `INSERT INTO holds (order_id, user_id, state, decided_at) VALUES (?, ?, 'released', '') ON CONFLICT (order_id) DO NOTHING`,
    orderId,
    userId,
  )
  const kept = await tx.get<{ state: string }>('SELECT state FROM holds WHERE order_id = ?', orderId)
  return kept?.state === 'held' ? 'hold-mismatch' : 'released'
}
