import { keyboard, testOrders } from './support/order-app'

describe('GET /status of order-service', () => {
  it('counts unfinished orders, and shows the circuit to user-service and how far its copy is behind', async () => {
    const { as, fake } = await testOrders()
    await fake.stop()
    const shopper = await as(fake.user())
    for (let n = 0; n < 2; n++) await shopper.post('/orders', keyboard).expect(202)
    const { body } = await (await as('admin')).get('/status').expect(200)
    expect(body).toMatchObject({
      service: 'order-service',
      unfinished: { pending: 2, cancelling: 0 },
      circuits: [{ upstream: 'user-service', inFlight: 0 }],
      lag: { 'user-service': { events: null } },
      parkedEvents: 0,
    })
    expect(body.circuits[0].state).not.toBe('closed')
  })
})
