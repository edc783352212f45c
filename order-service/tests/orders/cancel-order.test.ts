import { realSystem } from '@tandem/chassis/system'
import { keyboard, storedOrders, testOrders } from '../support/order-app'

describe('POST /orders/:id/cancel', () => {
  it('returns 200 and releases the credit of a confirmed order', async () => {
    const { as, fake, database } = await testOrders()
    const userId = fake.user(10_000)
    const caller = await as(userId)
    const { body: order } = await caller.post('/orders', keyboard).expect(201)
    const answer = await caller.post(`/orders/${order.id}/cancel`).expect(200)
    expect(answer.body).toMatchObject({ id: order.id, status: 'cancelled', reason: 'requested' })
    expect(fake.credit.get(userId)).toBe(10_000)
    expect(await storedOrders(database)).toMatchObject([
      { status: 'cancelled', due_at: null, events: ['order.pending', 'order.confirmed', 'order.cancelled'] },
    ])
    const { body: timeline } = await caller.get(`/orders/${order.id}/timeline`)
    expect(timeline.map(({ status }: { status: string }) => status)).toEqual([
      'pending',
      'confirmed',
      'cancelling',
      'cancelled',
    ])
  })

  it('stores the cancellation before it calls user-service', async () => {
    const { as, fake, database } = await testOrders()
    const caller = await as(fake.user())
    const { body: order } = await caller.post('/orders', keyboard).expect(201)
    let storedWhenAsked: unknown
    fake.before = async () => {
      storedWhenAsked = await database.read.get('SELECT status FROM orders WHERE id = ?', order.id)
      return undefined
    }
    await caller.post(`/orders/${order.id}/cancel`).expect(200)
    expect(storedWhenAsked).toEqual({ status: 'cancelling' })
  })

  it('returns the same order and calls nobody if it is repeated', async () => {
    const { as, fake } = await testOrders()
    const caller = await as(fake.user())
    const { body: order } = await caller.post('/orders', keyboard).expect(201)
    const first = await caller.post(`/orders/${order.id}/cancel`).expect(200)
    const asked = fake.requests.length
    const again = await caller.post(`/orders/${order.id}/cancel`).expect(200)
    expect(again.body).toEqual(first.body)
    expect(fake.requests).toHaveLength(asked)
  })

  it('releases the credit once for 30 concurrent requests', async () => {
    const { as, fake, database } = await testOrders()
    const userId = fake.user(10_000)
    const caller = await as(userId)
    const { body: order } = await caller.post('/orders', keyboard).expect(201)
    const answers = await Promise.all(Array.from({ length: 30 }, () => caller.post(`/orders/${order.id}/cancel`)))
    expect(answers.every(({ status }) => status === 200 || status === 202)).toBe(true)
    expect(fake.credit.get(userId)).toBe(10_000)
    const [stored] = await storedOrders(database)
    expect(stored?.events).toEqual(['order.pending', 'order.confirmed', 'order.cancelled'])
  })

  it('returns 202 each time and keeps the order cancelling while user-service does not respond', async () => {
    const { as, fake, database } = await testOrders()
    const caller = await as(fake.user())
    const { body: order } = await caller.post('/orders', keyboard).expect(201)
    fake.before = () => 'cut'
    const answer = await caller.post(`/orders/${order.id}/cancel`).expect(202)
    expect(answer.body.status).toBe('cancelling')
    expect(answer.headers).toMatchObject({ location: `/orders/${order.id}`, 'retry-after': '1' })
    await caller.post(`/orders/${order.id}/cancel`).expect(202)
    const [stored] = await storedOrders(database)
    expect(stored).toMatchObject({ status: 'cancelling', events: ['order.pending', 'order.confirmed'] })
  })

  it('returns 409 for a rejected order', async () => {
    const { as, fake, database } = await testOrders()
    const caller = await as(fake.user(0))
    const { body: problem } = await caller.post('/orders', keyboard).expect(402)
    const answer = await caller.post(`/orders/${problem.orderId}/cancel`).expect(409)
    expect(answer.body.code).toBe('order-not-cancellable')
    expect(await storedOrders(database)).toMatchObject([{ status: 'rejected' }])
  })

  it('still ends as cancelled if the hold belongs to another user', async () => {
    const { as, fake, database } = await testOrders()
    const caller = await as(fake.user())
    const { body: order } = await caller.post('/orders', keyboard).expect(201)
    fake.before = () => ({ status: 409, body: { code: 'hold-mismatch' } })
    await caller.post(`/orders/${order.id}/cancel`).expect(200)
    expect(await storedOrders(database)).toMatchObject([{ status: 'cancelled' }])
  })

  it('wins over a concurrent placement: the late hold is released', async () => {
    const { as, fake, database } = await testOrders()
    const userId = fake.user(10_000)
    const caller = await as(userId)
    let cancelled: { status: number } | undefined
    fake.after = async ({ method, orderId }) => {
      if (method === 'PUT') cancelled = await caller.post(`/orders/${orderId}/cancel`)
      return undefined
    }
    const placed = await caller.post('/orders', keyboard).expect(200)
    expect(cancelled?.status).toBe(200)
    expect(placed.body).toMatchObject({ status: 'cancelled', reason: 'requested' })
    expect(fake.credit.get(userId)).toBe(10_000)
    const [stored] = await storedOrders(database)
    expect(stored?.events).toEqual(['order.pending', 'order.cancelled'])
  })

  it('leaves no hold if it comes before the hold has arrived', async () => {
    const { as, fake, database } = await testOrders()
    const userId = fake.user(10_000)
    const caller = await as(userId)
    fake.before = async ({ method, orderId }) => {
      if (method === 'PUT') await caller.post(`/orders/${orderId}/cancel`).expect(200)
      return undefined
    }
    await caller.post('/orders', keyboard).expect(200)
    expect(fake.held()).toEqual({})
    expect(fake.credit.get(userId)).toBe(10_000)
    expect(await storedOrders(database)).toMatchObject([{ status: 'cancelled' }])
  })

  it('determines the response of the placement if user-service does not respond to it', async () => {
    const { as, fake, database } = await testOrders()
    const caller = await as(fake.user())
    fake.before = async ({ method, orderId }) => {
      if (method === 'DELETE') return undefined
      await caller.post(`/orders/${orderId}/cancel`).expect(200)
      return { status: 503 }
    }
    const placed = await caller.post('/orders', keyboard).expect(200)
    expect(placed.body.status).toBe('cancelled')
    expect(await storedOrders(database)).toMatchObject([{ status: 'cancelled', due_at: null }])
  })

  it('returns 404 for an unknown order and for an order of another user', async () => {
    const { as, fake, database } = await testOrders()
    const owner = await as(fake.user())
    const { body: order } = await owner.post('/orders', keyboard).expect(201)
    const stranger = await as(fake.user())
    const answers = [
      await stranger.post(`/orders/${order.id}/cancel`).expect(404),
      await stranger.post(`/orders/${realSystem.newId()}/cancel`).expect(404),
    ]
    expect(answers.map(({ body }) => body.code)).toEqual(['not-found', 'not-found'])
    expect(await storedOrders(database)).toMatchObject([{ status: 'confirmed' }])
  })
})
