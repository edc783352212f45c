import { eventually } from '../../../chassis/testing/temporary'
import { keyboard, storedOrders, testOrders } from '../support/order-app'
import { statuses } from '../support/pending-orders'

describe('Two settlers on one database', () => {
  it('settle each order once: one event, one step, one hold', async () => {
    const orders = await testOrders()
    const userId = orders.fake.user(1_000_000)
    const caller = await orders.as(userId)
    orders.fake.before = () => 'cut'
    for (let i = 0; i < 10; i++) await caller.post('/orders', keyboard).expect(202)
    orders.fake.before = () => undefined
    await eventually(() => orders.users.circuit.cooldownMs === 0)
    const settlers = [orders.settler, orders.anotherSettler()]
    await eventually(async () => {
      await Promise.all(settlers.map((settler) => settler.pass()))
      return (await statuses(orders)).every((status) => status === 'confirmed')
    })
    const stored = await storedOrders(orders.database)
    for (const { events } of stored) expect(events).toEqual(['order.pending', 'order.confirmed'])
    const confirmations = await orders.database.read.get(
      "SELECT COUNT(*) AS n FROM order_steps WHERE status = 'confirmed'",
    )
    expect(confirmations).toEqual({ n: 10 })
    expect(Object.keys(orders.fake.held()).sort()).toEqual(stored.map(({ id }) => id))
    expect(orders.fake.credit.get(userId)).toBe(1_000_000 - 10 * 4999)
  })
})

describe('A late hold', () => {
  it('is refused after a refusal, even if there is enough credit by now', async () => {
    const { as, fake, database, settler } = await testOrders()
    const userId = fake.user(0)
    const caller = await as(userId)
    fake.after = () => 'cut' // refused, but the answer is lost
    const { body: order } = await caller.post('/orders', keyboard).expect(202)
    fake.credit.set(userId, 100_000)
    fake.after = () => undefined
    await eventually(async () => {
      await settler.pass()
      return (await storedOrders(database))[0]?.status === 'rejected'
    })
    expect(fake.held()).toEqual({})
    expect(fake.holds.get(order.id)?.state).toBe('refused')
  })

  it('is refused after its order was cancelled, and the order stays cancelled', async () => {
    const { as, fake, database, users } = await testOrders()
    const userId = fake.user(100_000)
    const caller = await as(userId)
    const { body: order } = await caller.post('/orders', keyboard).expect(201)
    await caller.post(`/orders/${order.id}/cancel`).expect(200)
    const late = await users.hold(order, { deadline: performance.now() + 1000, requestId: 'late' })
    expect(late).toBe('hold-released')
    expect(fake.credit.get(userId)).toBe(100_000)
    expect(await storedOrders(database)).toMatchObject([{ status: 'cancelled' }])
  })
})
