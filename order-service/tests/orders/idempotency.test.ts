import { keyboard, storedOrders, testOrders } from '../support/order-app'

const key = 'order-of-ada-1'

describe('POST /orders with an Idempotency-Key', () => {
  it('returns the same order for a repeated key and marks it as replayed', async () => {
    const { as, fake, database } = await testOrders()
    const caller = await as(fake.user())
    const first = await caller.post('/orders', keyboard).set('Idempotency-Key', key).expect(201)
    const again = await caller.post('/orders', keyboard).set('Idempotency-Key', `"${key}"`).expect(201)
    expect(first.headers['idempotent-replayed']).toBeUndefined()
    expect(again.headers['idempotent-replayed']).toBe('true')
    expect(again.headers.location).toBe(first.headers.location)
    expect(again.body).toEqual(first.body)
    expect(await storedOrders(database)).toHaveLength(1)
    expect(fake.requests).toHaveLength(1)
  })

  it('creates one order for 30 concurrent requests', async () => {
    const { as, fake, database } = await testOrders()
    const caller = await as(fake.user())
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => caller.post('/orders', keyboard).set('Idempotency-Key', key)),
    )
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1)
    expect(answers.filter(({ headers }) => headers['idempotent-replayed'] === undefined)).toHaveLength(1)
    expect(answers.every(({ status }) => status === 201 || status === 202)).toBe(true)
    expect(await storedOrders(database)).toHaveLength(1)
    expect(Object.values(fake.held())).toEqual([4999])
  })

  it('returns the pending order if the first request is still in progress', async () => {
    const { as, fake } = await testOrders()
    const caller = await as(fake.user())
    let again: { status: number; body: { status?: string } } | undefined
    fake.before = async () => {
      again = await caller.post('/orders', keyboard).set('Idempotency-Key', key)
      return undefined
    }
    await caller.post('/orders', keyboard).set('Idempotency-Key', key).expect(201)
    expect(again?.status).toBe(202)
    expect(again?.body.status).toBe('pending')
  })

  it.each([
    ['other items', { items: [{ productId: 'mouse', quantity: 1 }] }],
    ['another quantity', { items: [{ productId: 'keyboard', quantity: 2 }] }],
  ])('returns 422 and stores nothing for a repeated key with %s', async (_, body) => {
    const { as, fake, database } = await testOrders()
    const caller = await as(fake.user())
    await caller.post('/orders', keyboard).set('Idempotency-Key', key).expect(201)
    const answer = await caller.post('/orders', body).set('Idempotency-Key', key).expect(422)
    expect(answer.body.code).toBe('idempotency-key-reused')
    expect(await storedOrders(database)).toHaveLength(1)
  })

  it('scopes the key to its caller: two users with the same key get two orders', async () => {
    const { as, fake, database } = await testOrders()
    for (const userId of [fake.user(), fake.user()]) {
      await (await as(userId)).post('/orders', keyboard).set('Idempotency-Key', key).expect(201)
    }
    expect(await storedOrders(database)).toHaveLength(2)
  })

  it('returns 400 and stores nothing if the key is malformed', async () => {
    const { as, fake, database } = await testOrders()
    const caller = await as(fake.user())
    const answer = await caller.post('/orders', keyboard).set('Idempotency-Key', 'short').expect(400)
    expect(answer.body.errors).toMatchObject([{ pointer: '/header/idempotency-key' }])
    expect(await storedOrders(database)).toEqual([])
  })

  it('returns the same order even if the price of its product has changed', async () => {
    const { as, fake } = await testOrders()
    const caller = await as(fake.user())
    const first = await caller.post('/orders', keyboard).set('Idempotency-Key', key).expect(201)
    await (await as('admin')).put('/products/keyboard', { name: 'Keyboard', priceCents: 1_000_000_000 }).expect(200)
    const again = await caller.post('/orders', keyboard).set('Idempotency-Key', key).expect(201)
    expect(again.body).toEqual(first.body)
  })

  it('returns the problem of a rejected order again, even if there is enough credit by now', async () => {
    const { as, fake } = await testOrders()
    const userId = fake.user(0)
    const caller = await as(userId)
    const first = await caller.post('/orders', keyboard).set('Idempotency-Key', key).expect(402)
    fake.credit.set(userId, 100_000)
    const again = await caller.post('/orders', keyboard).set('Idempotency-Key', key).expect(402)
    expect(again.body.orderId).toBe(first.body.orderId)
    expect(again.headers['idempotent-replayed']).toBe('true')
  })

  it('returns 200 with a cancelled order', async () => {
    const { as, fake } = await testOrders()
    const caller = await as(fake.user())
    const { body: order } = await caller.post('/orders', keyboard).set('Idempotency-Key', key).expect(201)
    await caller.post(`/orders/${order.id}/cancel`).expect(200)
    const again = await caller.post('/orders', keyboard).set('Idempotency-Key', key).expect(200)
    expect(again.body).toMatchObject({ id: order.id, status: 'cancelled' })
  })

  it('rejects a duplicate key in the table itself', async () => {
    const { database } = await testOrders()
    const insert = (id: string) =>
      database.write((tx) =>
        tx.run(
          `INSERT INTO orders (id, user_id, items, total_cents, status, created_at, updated_at, due_at, placed_by, idempotency_key)
           VALUES (?, 'u', '[]', 1, 'pending', '', '', 0, 'u', ?)`,
          id,
          key,
        ),
      )
    await insert('a')
    await expect(insert('b')).rejects.toThrow(/unique/i)
  })
})
