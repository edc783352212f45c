import { realSystem } from '@tandem/chassis/system'
import { readableLog } from '../../../chassis/testing/test-app'
import { eventually } from '../../../chassis/testing/temporary'
import { keyboard, storedOrders, testOrders } from '../support/order-app'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

describe('POST /orders', () => {
  it('returns 201 with a confirmed order, its event and its timeline if user-service holds the credit', async () => {
    const { as, fake, database } = await testOrders()
    const userId = fake.user(10_000)
    const caller = await as(userId)

    const answer = await caller.post('/orders', keyboard).expect(201)

    expect(answer.headers.location).toBe(`/orders/${answer.body.id}`)
    expect(answer.body).toEqual({
      id: expect.stringMatching(uuid),
      userId,
      items: [{ productId: 'keyboard', quantity: 1, unitPriceCents: 4999 }],
      totalCents: 4999,
      status: 'confirmed',
      reason: null,
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
      user: null,
    })
    expect(fake.held()).toEqual({ [answer.body.id]: 4999 })
    expect(await storedOrders(database)).toEqual([
      {
        id: answer.body.id,
        status: 'confirmed',
        reason: null,
        due_at: null,
        events: ['order.pending', 'order.confirmed'],
      },
    ])
    const timeline = await caller.get(`/orders/${answer.body.id}/timeline`).expect(200)
    expect(timeline.body).toEqual([
      { at: answer.body.createdAt, status: 'pending', detail: 'stored' },
      { at: answer.body.updatedAt, status: 'confirmed', detail: 'user-service holds the credit' },
    ])
  })

  it('stores the order before it calls user-service', async () => {
    const { as, fake, database } = await testOrders()
    let storedWhenAsked: unknown
    fake.before = async ({ orderId }) => {
      storedWhenAsked = await database.read.get('SELECT status FROM orders WHERE id = ?', orderId)
      return undefined
    }
    await (await as(fake.user())).post('/orders', keyboard).expect(201)
    expect(storedWhenAsked).toEqual({ status: 'pending' })
  })

  it('writes events with exactly the members that the contract names', async () => {
    const { as, fake, database } = await testOrders()
    const userId = fake.user()
    const { body: order } = await (await as(userId)).post('/orders', keyboard).expect(201)
    const events = await database.read.all<{ data: string }>('SELECT data FROM events ORDER BY sequence')
    const base = { id: order.id, userId, totalCents: 4999, reason: null }
    expect(events.map(({ data }) => JSON.parse(data))).toEqual([
      { ...base, status: 'pending' },
      { ...base, status: 'confirmed' },
    ])
  })

  it('returns 402, keeps the order as rejected and holds nothing if the credit is too low', async () => {
    const { as, fake, database } = await testOrders()
    const caller = await as(fake.user(4998))
    const answer = await caller.post('/orders', keyboard).expect(402)
    expect(answer.headers['content-type']).toContain('application/problem+json')
    const [order] = await storedOrders(database)
    expect(answer.body).toMatchObject({ code: 'insufficient-credit', status: 402, orderId: order?.id })
    expect(order).toMatchObject({ status: 'rejected', reason: 'insufficient-credit', due_at: null })
    expect(order?.events).toEqual(['order.pending', 'order.rejected'])
    expect(fake.held()).toEqual({})
  })

  it('returns 404 and keeps the order as rejected if the user is gone', async () => {
    const { as, database } = await testOrders()
    const answer = await (await as(realSystem.newId())).post('/orders', keyboard).expect(404)
    const [order] = await storedOrders(database)
    expect(answer.body).toMatchObject({ code: 'user-not-found', orderId: order?.id })
    expect(order).toMatchObject({ status: 'rejected', reason: 'user-not-found' })
  })

  it('returns 400 that points at the item and stores nothing if the product is unknown', async () => {
    const { as, fake, database } = await testOrders()
    const items = [
      { productId: 'keyboard', quantity: 1 },
      { productId: 'unicorn', quantity: 1 },
    ]
    const answer = await (await as(fake.user())).post('/orders', { items }).expect(400)
    expect(answer.body.errors).toEqual([{ pointer: '/items/1/productId', detail: 'there is no such product' }])
    expect(await storedOrders(database)).toEqual([])
    expect(fake.requests).toEqual([])
  })

  it('returns 400 that points at the items if the total exceeds 1 000 000 000 cents', async () => {
    const { as, fake } = await testOrders()
    const admin = await as('admin')
    await admin.put('/products/yacht', { name: 'Yacht', priceCents: 1_000_000_000 }).expect(201)
    const userId = fake.user(Number.MAX_SAFE_INTEGER)
    const caller = await as(userId)
    await caller.post('/orders', { items: [{ productId: 'yacht', quantity: 1 }] }).expect(201)
    const answer = await caller.post('/orders', { items: [{ productId: 'yacht', quantity: 2 }] }).expect(400)
    expect(answer.body.errors).toEqual([{ pointer: '/items', detail: expect.stringContaining('1000000000') }])
  })

  it.each([
    ['no items', { items: [] }, '/items'],
    ['a product twice', { items: [keyboard.items[0], keyboard.items[0]] }, '/items'],
    ['a quantity of 0', { items: [{ productId: 'keyboard', quantity: 0 }] }, '/items/0/quantity'],
    ['a quantity of 1001', { items: [{ productId: 'keyboard', quantity: 1001 }] }, '/items/0/quantity'],
    ['half a keyboard', { items: [{ productId: 'keyboard', quantity: 0.5 }] }, '/items/0/quantity'],
    [
      'a price of its own',
      { items: [{ productId: 'keyboard', quantity: 1, unitPriceCents: 1 }] },
      '/items/0/unitPriceCents',
    ],
    ['a user that is no id', { ...keyboard, userId: 'me' }, '/userId'],
  ])('returns 400 that points at the fault for %s', async (_, body, pointer) => {
    const { as, fake, database } = await testOrders()
    const answer = await (await as(fake.user())).post('/orders', body).expect(400)
    expect(answer.body).toMatchObject({ code: 'invalid-request', errors: [{ pointer }] })
    expect(await storedOrders(database)).toEqual([])
  })

  it('for somebody else is forbidden to a user, and nothing is kept', async () => {
    const { log, lines } = readableLog()
    const { as, fake, database } = await testOrders({ log })
    const caller = await as(fake.user())
    const answer = await caller.post('/orders', { ...keyboard, userId: fake.user() }).expect(403)
    expect(answer.body.code).toBe('forbidden')
    await eventually(() => lines.some(({ reason }) => reason === 'other-caller'))
    expect(await storedOrders(database)).toEqual([])
  })

  it('accepts an order of an admin for the user it names, and returns 400 if it names none', async () => {
    const { as, fake } = await testOrders()
    const userId = fake.user()
    const admin = await as('admin')
    const placed = await admin.post('/orders', { ...keyboard, userId }).expect(201)
    expect(placed.body.userId).toBe(userId)
    const answer = await admin.post('/orders', keyboard).expect(400)
    expect(answer.body.errors).toEqual([{ pointer: '/userId', detail: 'is required for an admin' }])
  })

  it("sends user-service the caller's request id and its own token", async () => {
    const { as, fake } = await testOrders()
    const caller = await as(fake.user())
    await caller.post('/orders', keyboard).set('X-Request-Id', 'walk-1').expect(201)
    expect(fake.requests).toMatchObject([{ method: 'PUT', body: { amountCents: 4999 }, requestId: 'walk-1' }])
    expect(fake.requests[0]?.authorization).toMatch(/^Bearer eyJ/)
  })

  it('returns 202 and settles later if the outcome cannot be stored', async () => {
    const { as, fake, database, settler } = await testOrders()
    const userId = fake.user(10_000)
    fake.after = async () => {
      await database.write((tx) => tx.run('ALTER TABLE order_steps RENAME TO mislaid'))
      return undefined
    }
    const answer = await (await as(userId)).post('/orders', keyboard).expect(202)
    expect(answer.headers.location).toBe(`/orders/${answer.body.id}`)
    expect(answer.body.status).toBe('pending')

    fake.after = () => undefined
    await database.write((tx) => tx.run('ALTER TABLE mislaid RENAME TO order_steps'))
    await database.write((tx) => tx.run('UPDATE orders SET due_at = 0'))
    await settler.pass()
    expect(await storedOrders(database)).toMatchObject([{ id: answer.body.id, status: 'confirmed' }])
    expect(fake.credit.get(userId)).toBe(10_000 - 4999)
  })

  it('confirms exactly 20 of 60 concurrent orders if the credit is enough for 20', async () => {
    const { as, fake, database, settler } = await testOrders()
    const caller = await as(fake.user(20 * 4999))
    await Promise.all(Array.from({ length: 60 }, () => caller.post('/orders', keyboard)))
    settler.start() // on a busy machine some are answered 202
    const settled = await eventually(async () => {
      const orders = await storedOrders(database)
      return orders.every(({ status }) => status !== 'pending') ? orders : undefined
    })
    const confirmed = settled.filter(({ status }) => status === 'confirmed')
    expect([confirmed.length, settled.length]).toEqual([20, 60])
    expect(Object.keys(fake.held()).sort()).toEqual(confirmed.map(({ id }) => id).sort())
  })
})
