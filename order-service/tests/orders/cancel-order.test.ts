import { realSystem } from '@tandem/chassis/system'
import { keyboard, storedOrders, testOrders } from '../support/order-app'

describe('POST /orders/:id/cancel', () => {
  it('of a confirmed order gives the credit back and answers 200', async () => {
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

  it('writes the wish down before user-service is asked', async () => {
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

  it('again answers the same and asks nobody', async () => {
    const { as, fake } = await testOrders()
    const caller = await as(fake.user())
    const { body: order } = await caller.post('/orders', keyboard).expect(201)
    const first = await caller.post(`/orders/${order.id}/cancel`).expect(200)
    const asked = fake.requests.length
    const again = await caller.post(`/orders/${order.id}/cancel`).expect(200)
    expect(again.body).toEqual(first.body)
    expect(fake.requests).toHaveLength(asked)
  })

  it('30 times at once gives the credit back once', async () => {
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

  it('while user-service does not answer is answered 202, again 202, and stays cancelling', async () => {
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

  it('of a rejected order is answered 409', async () => {
    const { as, fake, database } = await testOrders()
    const caller = await as(fake.user(0))
    const { body: problem } = await caller.post('/orders', keyboard).expect(402)
    const answer = await caller.post(`/orders/${problem.orderId}/cancel`).expect(409)
    expect(answer.body.code).toBe('order-not-cancellable')
    expect(await storedOrders(database)).toMatchObject([{ status: 'rejected' }])
  })

  it('where the credit is of another user ends as cancelled all the same', async () => {
    const { as, fake, database } = await testOrders()
    const caller = await as(fake.user())
    const { body: order } = await caller.post('/orders', keyboard).expect(201)
    fake.before = () => ({ status: 409, body: { code: 'hold-mismatch' } })
    await caller.post(`/orders/${order.id}/cancel`).expect(200)
    expect(await storedOrders(database)).toMatchObject([{ status: 'cancelled' }])
  })

  it('while the order is being placed wins: the hold that came late is given back', async () => {
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

  it('before the hold has arrived leaves nothing held', async () => {
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

  it('while the order is being placed, and user-service answers nothing to that, is what the placing answers', async () => {
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

  it('of no order, or of somebody else is answered 404', async () => {
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
