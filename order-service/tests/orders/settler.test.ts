import {
  NoResponse,
  type IncomingResponse,
  type OutgoingRequest,
  type Transport,
} from '@tandem/chassis/upstream/transport'
import type { Transaction } from '@tandem/chassis/database/database'
import { realSystem } from '@tandem/chassis/system'
import { eventually } from '../../../chassis/testing/temporary'
import { VirtualSystem } from '../../../chassis/testing/virtual-system'
import { keyboard, storedOrders, testOrders, type TestOrders } from '../support/order-app'

type Script = (request: OutgoingRequest) => IncomingResponse | NoResponse

/** A user-service that answers at once, or not at all, as the test says; time is virtual. */
function scripted(script: Script): {
  transport: Transport
  asked: OutgoingRequest[]
  answerWith: (next: Script) => void
} {
  const asked: OutgoingRequest[] = []
  let current = script
  const send = async (request: OutgoingRequest) => {
    asked.push(request)
    const answer = current(request)
    if (answer instanceof NoResponse) throw answer
    return answer
  }
  return {
    asked,
    transport: { send, close: () => undefined },
    answerWith: (next) => {
      current = next
    },
  }
}

const refusal: Script = () => new NoResponse('ECONNREFUSED')

const held: Script = ({ method, path, body }) => {
  if (method === 'DELETE') return { status: 204, headers: {}, body: '' }
  const [, , userId, , orderId] = path.split('/')
  return { status: 201, headers: {}, body: JSON.stringify({ orderId, userId, ...JSON.parse(body ?? '') }) }
}

/** Orders that are pending because nobody answered. */
async function pendingOrders(count: number, options: { pendingTimeoutMs?: number } = {}) {
  const system = new VirtualSystem()
  const upstream = scripted(refusal)
  const orders = await testOrders({ system, transport: upstream.transport, ...options })
  for (let i = 0; i < count; i++) await place(orders, system)
  upstream.asked.length = 0
  return { system, orders, ...upstream }
}

async function place(orders: TestOrders, system: VirtualSystem): Promise<void> {
  const { status } = await whilePassing(system, (await orders.as(realSystem.newId())).post('/orders', keyboard))
  expect(status).toBe(202)
}

/** An answer that needs virtual time to pass until it comes. */
async function whilePassing<T>(system: VirtualSystem, answer: PromiseLike<T>): Promise<T> {
  let came: { answer: T } | undefined
  void answer.then((it) => (came = { answer: it }))
  const { answer: got } = await eventually(async () => {
    await system.pass(10)
    return came
  })
  return got
}

/** An order that has been due for long. */
async function insertPending(tx: Transaction, system: VirtualSystem): Promise<void> {
  await tx.run(
    `INSERT INTO orders (id, user_id, items, total_cents, status, created_at, updated_at, due_at, placed_by)
     VALUES (?, ?, '[]', 1, 'pending', ?, '', 0, 'u')`,
    realSystem.newId(),
    realSystem.newId(),
    new Date(system.now()).toISOString(),
  )
}

async function statuses({ database }: TestOrders): Promise<string[]> {
  return (await storedOrders(database)).map(({ status }) => status)
}

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
