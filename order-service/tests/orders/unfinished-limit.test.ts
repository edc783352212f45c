import { eventually } from '../../../chassis/testing/temporary'
import { keyboard, testOrders, type TestOrders } from '../support/order-app'
import { storeOrders } from '../support/stored-orders'

const key = 'order-of-ada-1'

async function countOf({ database }: TestOrders, userId: string): Promise<number | undefined> {
  const row = await database.read.get<{ count: number }>(
    'SELECT COUNT(*) AS count FROM orders WHERE user_id = ?',
    userId,
  )
  return row?.count
}

/** A user with that many unfinished orders, in a service whose user-service decides nothing. */
async function userWithUnfinished(count: number) {
  const orders = await testOrders()
  orders.fake.before = () => ({ status: 400 })
  const userId = orders.fake.user()
  const [first] = await storeOrders(orders.database, userId, count)
  return { ...orders, userId, first: first!, caller: await orders.as(userId), count: () => countOf(orders, userId) }
}

describe('POST /orders of a user with 1000 unfinished orders', () => {
  it('returns 429 with Retry-After, and stores nothing', async () => {
    const { caller, fake, count } = await userWithUnfinished(1000)
    const { body, headers } = await caller.post('/orders', keyboard).expect(429)
    expect(body).toMatchObject({ code: 'rate-limited', status: 429, title: 'Too many unfinished orders' })
    expect(headers['content-type']).toContain('application/problem+json')
    expect(headers['retry-after']).toBe('5')
    expect(headers['ratelimit-policy']).toBe('"unfinished-orders"; q=1000')
    expect(headers.ratelimit).toBe('"unfinished-orders"; r=0; t=5')
    expect(await count()).toBe(1000)
    expect(fake.requests).toEqual([])
  })

  it('accepts the next order as soon as one of them is finished', async () => {
    const { caller, database, first } = await userWithUnfinished(1000)
    await caller.post('/orders', keyboard).expect(429)
    await database.write((tx) => tx.run("UPDATE orders SET status = 'confirmed', due_at = NULL WHERE id = ?", first.id))
    await caller.post('/orders', keyboard).expect(202)
    await caller.post('/orders', keyboard).expect(429)
  })

  it('counts orders that are being cancelled, too', async () => {
    const { caller, database } = await userWithUnfinished(1000)
    await database.write((tx) => tx.run("UPDATE orders SET status = 'cancelling', reason = 'requested'"))
    await caller.post('/orders', keyboard).expect(429)
  })

  it('returns 429 to an admin who orders for the user, and accepts orders of others', async () => {
    const { as, fake, userId, count } = await userWithUnfinished(1000)
    const admin = await as('admin')
    await admin.post('/orders', { ...keyboard, userId }).expect(429)
    await admin.post('/orders', { ...keyboard, userId: fake.user() }).expect(202)
    await (await as(fake.user())).post('/orders', keyboard).expect(202)
    expect(await count()).toBe(1000)
  })

  it('still cancels an order, and returns the order of a known Idempotency-Key', async () => {
    const { caller, database, first } = await userWithUnfinished(999)
    const { body: order } = await caller.post('/orders', keyboard).set('Idempotency-Key', key).expect(202)
    const again = await caller.post('/orders', keyboard).set('Idempotency-Key', key).expect(202)
    expect([again.body.id, again.headers['idempotent-replayed']]).toEqual([order.id, 'true'])
    await caller.post('/orders', keyboard).set('Idempotency-Key', 'order-of-ada-2').expect(429)
    await caller.post(`/orders/${first.id}/cancel`).expect(202)
    expect(await database.read.get('SELECT status FROM orders WHERE id = ?', first.id)).toEqual({
      status: 'cancelling',
    })
  })

  it('returns 400 for an unknown product before it checks the limit', async () => {
    const { caller } = await userWithUnfinished(1000)
    await caller.post('/orders', { items: [{ productId: 'unicorn', quantity: 1 }] }).expect(400)
  })
})

describe('POST /orders of a user with almost 1000 unfinished orders', () => {
  it('accepts as many concurrent orders as there is room for', async () => {
    const { caller, count } = await userWithUnfinished(990)
    const answers = await Promise.all(Array.from({ length: 20 }, () => caller.post('/orders', keyboard)))
    const statuses = Object.groupBy(answers, ({ status }) => status)
    expect([statuses[202]?.length, statuses[429]?.length]).toEqual([10, 10])
    expect(await count()).toBe(1000)
  })

  it('returns one order for a key sent ten times at once that takes the last slot', async () => {
    const { caller, fake, count } = await userWithUnfinished(999)
    let release: () => void = () => undefined
    const released = new Promise<void>((resolve) => (release = resolve))
    fake.before = async () => {
      await released
      return { status: 400 }
    }
    const placing = Array.from({ length: 10 }, () =>
      caller
        .post('/orders', keyboard)
        .set('Idempotency-Key', key)
        .then((answer) => answer),
    )
    await eventually(async () => (await count()) === 1000)
    release()
    const answers = await Promise.all(placing)
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(202))
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1)
    expect(await count()).toBe(1000)
  })
})
