import { realSystem } from '@tandem/chassis/system'
import { claimDue } from '../../src/orders/settlement-queue'
import { keyboard, storedOrders } from '../support/order-app'
import { held, pendingOrders, whilePassing, insertPending, statuses } from '../support/pending-orders'

describe('The settler', () => {
  it('confirms pending orders once user-service is back', async () => {
    const { system, orders, answerWith } = await pendingOrders(3)
    orders.settler.start()
    await system.pass(20_000)
    expect(await statuses(orders)).toEqual(['pending', 'pending', 'pending'])
    answerWith(held)
    await system.pass(6_000)
    expect(await statuses(orders)).toEqual(['confirmed', 'confirmed', 'confirmed'])
  })

  it("sends requests whose ids begin with the order's", async () => {
    const { system, orders, asked } = await pendingOrders(2)
    orders.settler.start()
    await system.pass(20_000)
    expect(asked.length).toBeGreaterThan(1)
    const orderIds = asked.map(({ path }) => path.split('/').at(-1))
    const requestIds = asked.map(({ headers }) => headers['x-request-id'])
    expect(requestIds.map((id) => id?.split('.')[0])).toEqual(orderIds)
    expect(new Set(requestIds).size).toBe(asked.length)
  })

  it('sends one probe every 1 to 5 seconds while user-service is down, each for another order', async () => {
    const { system, orders, asked } = await pendingOrders(4)
    orders.settler.start()
    await system.pass(60_000)
    expect(asked.length).toBeGreaterThanOrEqual(12)
    expect(asked.length).toBeLessThanOrEqual(20)
    expect(new Set(asked.slice(-4).map(({ path }) => path)).size).toBe(4)
  })

  it("resumes at once if a caller's order is confirmed first", async () => {
    const { system, orders, asked, answerWith } = await pendingOrders(2)
    expect(orders.users.circuit.isOpen).toBe(true)
    answerWith(held)
    await system.pass(1_000)
    const answer = await whilePassing(system, (await orders.as(realSystem.newId())).post('/orders', keyboard))
    expect(answer.status).toBe(201)
    expect(asked).toHaveLength(1)
    expect(orders.users.circuit.isOpen).toBe(false)
  })

  it('settles the rest 128 at a time once a probe succeeds', async () => {
    const { system, orders, asked, answerWith } = await pendingOrders(1)
    await orders.database.write(async (tx) => {
      for (let i = 0; i < 299; i++) await insertPending(tx, system)
    })
    answerWith(held)
    await system.pass(2000) // the circuit that placing has opened
    const passes: number[] = []
    for (let pass = 0; pass < 4; pass++) {
      asked.length = 0
      await orders.settler.pass()
      passes.push(asked.length)
    }
    expect(passes).toEqual([128, 128, 44, 0])
  })

  it('leaves an order to others at once if it could not ask for it', async () => {
    const { orders, system, asked } = await pendingOrders(2)
    expect(orders.users.circuit.allowsCall).toBe(false)
    await orders.settler.pass()
    expect(asked).toHaveLength(0)
    const { orders: claimed } = await orders.database.write((tx) => claimDue(tx, system, 10))
    expect(claimed).toHaveLength(2)
  })

  it('leaves an order to its own request for five seconds', async () => {
    const { orders, asked, system, answerWith } = await pendingOrders(1)
    await orders.database.write((tx) => tx.run('UPDATE orders SET due_at = ?', system.now() + 5000))
    answerWith(held)
    await system.pass(4_900)
    await orders.settler.pass()
    expect(asked).toHaveLength(0)
    await system.pass(100)
    await orders.settler.pass()
    expect(await statuses(orders)).toEqual(['confirmed'])
  })

  it('cancels all timed-out orders before it calls user-service, however many there are', async () => {
    const { orders, system } = await pendingOrders(1)
    await orders.database.write(async (tx) => {
      for (let i = 0; i < 299; i++) await insertPending(tx, system)
    })
    await system.pass(600_000)
    await orders.settler.pass()
    expect(new Set(await statuses(orders))).toEqual(new Set(['cancelling']))
  })

  it('backs off from an order that fails while others succeed, up to a minute', async () => {
    const { orders, system, asked, answerWith } = await pendingOrders(2)
    const [poisoned] = await storedOrders(orders.database)
    answerWith((request) =>
      request.path.includes(poisoned!.id) ? { status: 403, headers: {}, body: '{}' } : held(request),
    )
    orders.settler.start()
    await system.pass(10_000)
    expect(await statuses(orders)).toEqual(['pending', 'confirmed'])
    const timesAsked = async (ms: number) => {
      asked.length = 0
      await system.pass(ms)
      return asked.length
    }
    expect(await timesAsked(60_000)).toBeLessThanOrEqual(6)
    await system.pass(120_000)
    expect(await timesAsked(135_000)).toBe(3) // three quarters of a minute each, with this chance
    expect(orders.users.circuit.isOpen).toBe(false)
  })

  it('cancels an order after ten minutes and releases a possible hold', async () => {
    const { orders, system, asked, answerWith } = await pendingOrders(1)
    orders.settler.start()
    await system.pass(599_000)
    expect(await statuses(orders)).toEqual(['pending'])
    await system.pass(6_000) // between two probes
    expect(await statuses(orders)).toEqual(['cancelling'])
    asked.length = 0
    answerWith(held)
    await system.pass(10_000)
    expect(await storedOrders(orders.database)).toMatchObject([
      { status: 'cancelled', reason: 'timed-out', events: ['order.pending', 'order.cancelled'] },
    ])
    expect(asked.map(({ method }) => method)).toEqual(['DELETE'])
  })

  it('finishes a cancellation that an outage of user-service interrupted', async () => {
    const { orders, system, answerWith } = await pendingOrders(1)
    const [order] = await storedOrders(orders.database)
    const { user_id } = (await orders.database.read.get<{ user_id: string }>('SELECT user_id FROM orders'))!
    await whilePassing(system, (await orders.as(user_id)).post(`/orders/${order!.id}/cancel`).expect(202))
    answerWith(held)
    orders.settler.start()
    await system.pass(10_000)
    expect(await storedOrders(orders.database)).toMatchObject([{ status: 'cancelled', reason: 'requested' }])
  })

  it('stops after the current attempt and starts no other', async () => {
    const { system, orders, asked, answerWith } = await pendingOrders(1)
    answerWith(held)
    await system.pass(2_000)
    orders.settler.start()
    await orders.settler.stop()
    const askedBefore = asked.length
    expect(['pending', 'confirmed']).toContain((await statuses(orders))[0])
    await system.pass(60_000)
    expect(asked).toHaveLength(askedBefore)
  })

  it('continues after a database error', async () => {
    const { system, orders, answerWith } = await pendingOrders(1)
    await orders.database.write((tx) => tx.run('ALTER TABLE order_steps RENAME TO mislaid'))
    answerWith(held)
    orders.settler.start()
    await system.pass(10_000)
    expect(await statuses(orders)).toEqual(['pending'])
    await orders.database.write((tx) => tx.run('ALTER TABLE mislaid RENAME TO order_steps'))
    await system.pass(10_000)
    expect(await statuses(orders)).toEqual(['confirmed'])
  })
})
