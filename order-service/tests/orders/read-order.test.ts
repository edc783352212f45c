import { realSystem } from '@tandem/chassis/system'
import { keyboard, testOrders } from '../support/order-app'

describe('GET /orders/:id', () => {
  it('returns the order as it was placed, to its user and to an admin', async () => {
    const { as, fake } = await testOrders()
    const userId = fake.user()
    const { body: order } = await (await as(userId)).post('/orders', keyboard).expect(201)
    for (const subject of [userId, 'admin']) {
      const { body } = await (await as(subject)).get(`/orders/${order.id}`).expect(200)
      expect(body).toEqual(order)
    }
  })

  it('returns 404 for the order of another user, and for its timeline', async () => {
    const { as, fake } = await testOrders()
    const { body: order } = await (await as(fake.user())).post('/orders', keyboard).expect(201)
    const stranger = await as(fake.user())
    const none = await stranger.get(`/orders/${realSystem.newId()}`).expect(404)
    for (const path of [`/orders/${order.id}`, `/orders/${order.id}/timeline`]) {
      const { body } = await stranger.get(path).expect(404)
      expect({ ...body, requestId: '' }).toEqual({ ...none.body, requestId: '' })
    }
  })

  it('returns 400 for a malformed id', async () => {
    const { as, fake } = await testOrders()
    const { body } = await (await as(fake.user())).get('/orders/1').expect(400)
    expect(body.errors).toMatchObject([{ pointer: '/path/id' }])
  })

  it('counts equal consecutive failures as one timeline step', async () => {
    const { as, fake, database, settler } = await testOrders()
    fake.before = () => ({ status: 400, body: { code: 'invalid-request' } })
    const caller = await as(fake.user())
    const { body: order } = await caller.post('/orders', keyboard).expect(202)
    for (const answered of [400, 400, 401]) {
      fake.before = () => ({ status: answered, body: {} })
      await database.write((tx) => tx.run('UPDATE orders SET due_at = 0'))
      await settler.pass()
    }
    const { body: timeline } = await caller.get(`/orders/${order.id}/timeline`).expect(200)
    expect(timeline.map(({ detail }: { detail: string }) => detail)).toEqual([
      'stored',
      'user-service returned 400 invalid-request, which is no decision',
      'user-service returned 400, which is no decision (2 times)',
      'user-service returned 401, which is no decision',
    ])
  })
})
