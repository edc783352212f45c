import type { End } from '../../../chassis/testing/interleavings'
import { expectInOrder } from '../../../chassis/testing/expect-in-order'
import type { Side } from '../../../chassis/testing/stepped-side'
import type { OrderEvent } from '../../src/orders/advance'
import { cancelOrder } from '../../src/orders/cancel-order'
import { forgetDeparted, lockDeparted, noteDeparted } from '../../src/orders/departed-user-store'
import { moveOrders } from '../../src/orders/move-orders'
import type { Order } from '../../src/orders/order'
import { rejectOrdersOf } from '../../src/orders/reject-orders'
import { applyEvent, recordUndecided } from '../../src/orders/settle-order'
import { claimDue, giveBack, lockPendingSince } from '../../src/orders/settlement-queue'
import { putProduct } from '../../src/products/put-product'
import { interleavedOrders, order, orderDeps, place, placed, seen, userDeleted, userId } from '../support/interleaved'

const explore = interleavedOrders()
const due = async (side: Side) => {
  await placed(side)
  await side.database.write((tx) => tx.run('UPDATE orders SET due_at = 0'))
}
const claimedUntil = Date.UTC(2026, 0, 31, 12, 0, 5)
const claimed = async (side: Side) => {
  await placed(side)
  await side.database.write((tx) => tx.run('UPDATE orders SET due_at = ?', claimedUntil))
}
const cancelling: Order = { ...order, status: 'cancelling', reason: 'requested' }
const beingCancelled = async (side: Side) => {
  await due(side)
  await happen({ kind: 'abandoned', reason: 'requested' })(side)
}

const happen = (event: OrderEvent) => (side: Side) => applyEvent(orderDeps(side), order, event)
const hold = happen({ kind: 'credit-held' })
const refuse = happen({ kind: 'refused', reason: 'insufficient-credit' })
const release = (side: Side) => applyEvent(orderDeps(side), cancelling, { kind: 'credit-released' })
const cancel = (side: Side) => cancelOrder(orderDeps(side), order, 'test')
const fail = (side: Side) => recordUndecided(orderDeps(side), order, { details: ['no response'], ownPause: true })
const claim = ({ database, system }: Side) => database.write((tx) => claimDue(tx, system, 1))
const back = ({ database, system }: Side) =>
  database.write((tx) => giveBack(tx, system, { orders: [order], until: claimedUntil }))
const abandonOld = ({ database, system }: Side) =>
  database.write(async (tx) => {
    const old = await lockPendingSince(tx, '2026-01-31T12:00:00.500Z', 10)
    return moveOrders(tx, system, old, { kind: 'abandoned', reason: 'timed-out' })
  })
const rejectOfDeparted = ({ database, system }: Side) =>
  database.write(async (tx) => {
    const departed = await lockDeparted(tx)
    if (departed === undefined) return undefined
    const orders = await rejectOrdersOf(tx, system, departed, 10)
    await forgetDeparted(tx, departed)
    return orders
  })
const departed = async (side: Side) => {
  await placed(side)
  await side.database.write((tx) => noteDeparted(tx, userId))
}
const put =
  (priceCents: number, only: { mustExist?: true; mustBeNew?: true } = {}) =>
  ({ database }: Side) =>
    putProduct(database, { id: 'new', name: 'New', priceCents }, { mustExist: false, mustBeNew: false, ...only })
const reprice = ({ database }: Side) =>
  putProduct(database, { id: 'keyboard', name: 'K', priceCents: 1 }, { mustExist: true, mustBeNew: false })
const nothing = async () => undefined

describe('In every interleaving, both end as one after the other:', () => {
  it.each([
    ['two requests with one key', nothing, place('a'), place('a')],
    ['two other requests with one key', nothing, place('a', 1), place('a', 2)],
    ['two requests of a user', nothing, place('a'), place('b')],
    ['a request and a new price', nothing, place('a'), reprice],
    ['the holding of credit and a cancellation', due, hold, cancel],
    ['the holding of credit and the refusal', due, hold, refuse],
    ['the holding of credit and its repetition', due, hold, hold],
    ['a refusal and a cancellation', due, refuse, cancel],
    ['two cancellations', due, cancel, cancel],
    ['two releases', beingCancelled, release, release],
    ['the holding of credit and a failure', due, hold, fail],
    ['two failures', due, fail, fail],
    ['the holding of credit and the time-out', due, hold, abandonOld],
    ['two time-outs', due, abandonOld, abandonOld],
    ['the holding of credit and the deletion of the user', due, hold, userDeleted],
    ['a cancellation and the deletion of the user', due, cancel, userDeleted],
    ['a time-out and the deletion of the user', due, abandonOld, userDeleted],
    ['two settlers that reject orders of a deleted user', departed, rejectOfDeparted, rejectOfDeparted],
    ['the holding of credit and a settler that rejects', departed, hold, rejectOfDeparted],
    ['the deletion of a user and a settler that rejects', departed, userDeleted, rejectOfDeparted],
    ['two claims', due, claim, claim],
    ['a claim and the holding of credit', due, claim, hold],
    ['a claim and a cancellation', due, claim, cancel],
    ['a claim and a failure', due, claim, fail],
    ['a claim that is given back and the holding of credit', claimed, back, hold],
    ['a claim that is given back and another one', claimed, back, claim],
    ['two puts of a new product', nothing, put(1), put(2)],
    ['two puts that must be new', nothing, put(1, { mustBeNew: true }), put(2, { mustBeNew: true })],
    ['a put and one that must exist', nothing, put(1), put(2, { mustExist: true })],
  ])('%s', async (_pair, given, left, right) => {
    expectInOrder(await explore({ given, pair: [left, right] }))
  })
})

describe('In every interleaving, both end as one after the other, but for', () => {
  it.each([
    ['a request and the deletion of its user', nothing, place(undefined), userDeleted],
    ['a request and a settler that rejects', departed, place(undefined), rejectOfDeparted],
  ])('whether the settler looks for orders of the user again: %s', async (_pair, given, left, right) => {
    const seenOfOrders = ({ outcomes, rows: { departed_users: _, ...rows } }: End) => seen({ outcomes, rows })
    expectInOrder(await explore({ given, pair: [left, right], seen: seenOfOrders }))
  })

  it('a time-out that leaves an order alone while it is being claimed', async () => {
    const { bad } = await explore({ given: due, pair: [claim, abandonOld] })
    const { inOrder } = await explore({ given: due, pair: [claim, async () => []] })
    expect(bad.length).toBeGreaterThan(0)
    for (const end of bad) expect(end.seen).toEqual(inOrder[0])
  })
})

describe('It is noticed', () => {
  it('if an order is moved whatever its status is by now', async () => {
    const without = (sql: string) => sql.replace('WHERE id = $5 AND status = $6', 'WHERE id = $5 AND $6 = $6::TEXT')
    const { bad } = await explore({ given: due, pair: [hold, refuse], without })
    expect(bad).toMatchObject([{ seen: { findings: [{ kind: 'order-events' }] } }])
  })

  it('if two settlers can claim the same order', async () => {
    const without = (sql: string) => sql.replaceAll('FOR UPDATE SKIP LOCKED', '')
    const { bad } = await explore({ given: due, pair: [claim, claim], without })
    const claimedIt = { returned: { orders: [{ id: order.id }] } }
    expect(bad).toMatchObject([{ seen: { outcomes: [claimedIt, claimedIt] } }])
  })
})
