import { realSystem } from '@tandem/chassis/system'
import { collect } from '../../../chassis/testing/collect'
import { reconcileOrders } from '../../src/operations/reconcile-orders'
import { keyboard, storedOrders, testOrders, type TestOrders } from '../support/order-app'

/** Reconciles with these holds. Answers which orders were moved, and where to. */
async function reconcile({ database }: TestOrders, ...holds: [string, string][]) {
  async function* records() {
    yield { kind: 'user', id: 'somebody' }
    for (const [orderId, state] of holds) yield { kind: 'hold', orderId, state, more: 1 }
  }
  const moved = await collect(reconcileOrders({ database, system: realSystem }, records()))
  return moved.map(({ id, status, reason }) => ({ id, status, reason }))
}

describe('Reconciling orders with what user-service has decided', () => {
  it('cancels a confirmed order whose credit was released, with a timeline step', async () => {
    const service = await testOrders()
    const { as, fake, database, settler } = service
    const caller = await as(fake.user())
    const { body: order } = await caller.post('/orders', keyboard).expect(201)
    const { body: kept } = await caller.post('/orders', keyboard).expect(201)

    const holds: [string, string][] = [
      [order.id, 'released'],
      [kept.id, 'held'],
    ]
    expect(await reconcile(service, ...holds)).toEqual([{ id: order.id, status: 'cancelling', reason: 'requested' }])
    expect(await reconcile(service, ...holds)).toEqual([]) // run again, it finds nothing to do

    await database.write((tx) => tx.run('UPDATE orders SET due_at = 0 WHERE due_at IS NOT NULL')) // as at each start
    await settler.pass()
    expect(await storedOrders(database)).toMatchObject([
      { id: order.id, status: 'cancelled', events: ['order.pending', 'order.confirmed', 'order.cancelled'] },
      { id: kept.id, status: 'confirmed', events: ['order.pending', 'order.confirmed'] },
    ])
    const { body: timeline } = await caller.get(`/orders/${order.id}/timeline`)
    expect(timeline[2]).toMatchObject({ status: 'cancelling', detail: expect.stringContaining('was restored') })
  })

  it('leaves other orders, refusals and holds of missing orders alone', async () => {
    const service = await testOrders()
    const { as, fake, database } = service
    const caller = await as(fake.user(4999))
    const { body: confirmed } = await caller.post('/orders', keyboard).expect(201)
    const { body: rejected } = await caller.post('/orders', keyboard).expect(402)
    fake.before = () => 'cut'
    const { body: pending } = await caller.post('/orders', keyboard).expect(202)
    const before = await storedOrders(database)
    const moved = await reconcile(
      service,
      [confirmed.id, 'refused'],
      [rejected.orderId, 'released'],
      [pending.id, 'released'],
      [realSystem.newId(), 'released'],
    )
    expect(moved).toEqual([])
    await expect(reconcile(service, [confirmed.id, 'unheard of'])).rejects.toThrow(
      /^not a valid record of user-service: .* \(state\)$/,
    )
    expect(await storedOrders(database)).toEqual(before)
  })
})
