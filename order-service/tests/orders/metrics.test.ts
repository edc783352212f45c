import request from 'supertest'
import { keyboard, testOrders, type TestOrders } from '../support/order-app'

async function metrics({ app }: TestOrders): Promise<string[]> {
  const { text, headers } = await request(app).get('/metrics').expect(200)
  expect(headers['content-type']).toContain('text/plain; version=0.0.4')
  return text.split('\n')
}

describe('GET /metrics', () => {
  it('counts the orders by outcome', async () => {
    const orders = await testOrders()
    const caller = await orders.as(orders.fake.user(4999))
    const { body: first } = await caller.post('/orders', keyboard).expect(201)
    await caller.post('/orders', keyboard).expect(402)
    await caller.post(`/orders/${first.id}/cancel`).expect(200)
    expect(await metrics(orders)).toEqual(
      expect.arrayContaining([
        'orders_total{status="pending"} 2',
        'orders_total{status="confirmed"} 1',
        'orders_total{status="rejected"} 1',
        'orders_total{status="cancelling"} 1',
        'orders_total{status="cancelled"} 1',
        'orders_unfinished{status="pending"} 0',
        'orders_unfinished_oldest_age_seconds 0',
      ]),
    )
  })

  it('shows how many orders are unfinished and how old they are', async () => {
    const orders = await testOrders()
    orders.fake.before = () => ({ status: 503 })
    await (await orders.as(orders.fake.user())).post('/orders', keyboard).expect(202)
    await orders.database.write((tx) => tx.run("UPDATE orders SET created_at = '2020-01-01T00:00:00.000Z'"))
    const lines = await metrics(orders)
    expect(lines).toContain('orders_unfinished{status="pending"} 1')
    const age = lines.find((line) => line.startsWith('orders_unfinished_oldest_age_seconds '))
    expect(Number(age?.split(' ')[1])).toBeGreaterThan(86_400)
  })

  it("counts the settler's attempts", async () => {
    const orders = await testOrders()
    orders.fake.before = () => ({ status: 400, body: {} })
    await (await orders.as(orders.fake.user())).post('/orders', keyboard).expect(202)
    const pass = async () => {
      await orders.database.write((tx) => tx.run('UPDATE orders SET due_at = 0'))
      await orders.settler.pass()
    }
    await pass()
    orders.fake.before = () => undefined
    await pass()
    expect(await metrics(orders)).toEqual(
      expect.arrayContaining([
        'settler_attempts_total{outcome="unknown"} 1',
        'settler_attempts_total{outcome="settled"} 1',
      ]),
    )
  })

  it('times requests by route and status, and has no ids in labels', async () => {
    const orders = await testOrders()
    const caller = await orders.as(orders.fake.user())
    const { body: order } = await caller.post('/orders', keyboard).expect(201)
    await caller.get(`/orders/${order.id}`).expect(200)
    const lines = await metrics(orders)
    expect(lines).toContain('http_request_duration_seconds_count{method="GET",route="/orders/:id",status="200"} 1')
    expect(lines.join('\n')).not.toContain(order.id)
  })
})
