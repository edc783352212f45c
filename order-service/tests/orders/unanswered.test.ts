import { realSystem } from '@tandem/chassis/system'
import type { Fault } from '../support/fake-user-service'
import { keyboard, storedOrders, testOrders } from '../support/order-app'

const undecided: [string, Fault, string][] = [
  ['cuts the connection', 'cut', 'user-service did not respond (ECONNRESET) (3 times)'],
  ['answers 500', { status: 500, body: {} }, 'user-service did not respond (status-500) (3 times)'],
  [
    'answers 503',
    { status: 503, body: { code: 'unavailable' } },
    'user-service did not respond (status-503) (3 times)',
  ],
  [
    'answers something that is not JSON',
    { status: 201, body: '<html>' },
    'user-service did not respond (unreadable-response) (3 times)',
  ],
  [
    'answers 201 for another order',
    { status: 201, body: { orderId: 'x', userId: 'y', amountCents: 1 } },
    'user-service returned 201, which is no decision',
  ],
  [
    'answers a 404 of somebody else',
    { status: 404, body: { code: 'not-found' } },
    'user-service returned 404 not-found, which is no decision',
  ],
  ['answers a 402 of somebody else', { status: 402, body: {} }, 'user-service returned 402, which is no decision'],
  [
    'answers 401',
    { status: 401, body: { code: 'unauthenticated' } },
    'user-service returned 401 unauthenticated, which is no decision',
  ],
  [
    'answers hold-mismatch',
    { status: 409, body: { code: 'hold-mismatch' } },
    'user-service returned 409 hold-mismatch, which is no decision',
  ],
]

describe('An order, if user-service', () => {
  it.each(undecided)('%s: stays pending, with the failure in its timeline', async (_, fault, detail) => {
    const { as, fake, database } = await testOrders()
    fake.before = () => fault
    const caller = await as(fake.user())
    const answer = await caller.post('/orders', keyboard).expect(202)
    expect(answer.body).toMatchObject({ status: 'pending', reason: null })
    expect(answer.headers).toMatchObject({ location: `/orders/${answer.body.id}`, 'retry-after': '1' })
    expect(await storedOrders(database)).toMatchObject([{ status: 'pending', events: ['order.pending'] }])
    const { body: timeline } = await caller.get(`/orders/${answer.body.id}/timeline`).expect(200)
    expect(timeline.slice(1)).toEqual([{ at: expect.any(String), status: 'pending', detail }])
  })

  it('does not respond: returns 202 within three seconds', async () => {
    const { as, fake } = await testOrders()
    fake.before = () => 'silence'
    const caller = await as(fake.user())
    const answer = await caller.post('/orders', keyboard).expect(202)
    expect(answer.body.status).toBe('pending')
    expect(fake.requests.length).toBeLessThanOrEqual(3)
    const { body: timeline } = await caller.get(`/orders/${answer.body.id}/timeline`)
    expect(timeline.at(-1).detail).toMatch(/^user-service did not respond \(timeout\)( \([23] times\))?$/)
  })

  it('is not running: returns 202 after at most three attempts', async () => {
    const { as, fake } = await testOrders()
    const caller = await as(fake.user())
    await fake.stop()
    const answer = await caller.post('/orders', keyboard).expect(202)
    const { body: timeline } = await caller.get(`/orders/${answer.body.id}/timeline`)
    expect(timeline.at(-1).detail).toContain('user-service did not respond (ECONNREFUSED)')
  })

  it('fails once: is confirmed at the second attempt and held once', async () => {
    const { as, fake } = await testOrders()
    fake.after = () => (fake.requests.length === 1 ? 'cut' : undefined)
    const answer = await (await as(fake.user())).post('/orders', keyboard).expect(201)
    expect(fake.requests.map(({ orderId }) => orderId)).toEqual([answer.body.id, answer.body.id])
    expect(fake.held()).toEqual({ [answer.body.id]: 4999 })
  })

  it('fails in two ways: has both failures in its timeline', async () => {
    const { as, fake } = await testOrders()
    fake.before = () => (fake.requests.length === 1 ? 'cut' : { status: 500 })
    const caller = await as(fake.user())
    const { body: order } = await caller.post('/orders', keyboard).expect(202)
    const { body: timeline } = await caller.get(`/orders/${order.id}/timeline`)
    expect(timeline.map(({ detail }: { detail: string }) => detail)).toEqual([
      'stored',
      'user-service did not respond (ECONNRESET)',
      'user-service did not respond (status-500) (2 times)',
    ])
  })

  it('has failed five times in a row: returns 202 at once without a call', async () => {
    const { as, fake } = await testOrders({ system: { ...realSystem, monotonic: () => 0 } }) // in no time
    fake.before = () => ({ status: 503 })
    const caller = await as(fake.user())
    await caller.post('/orders', keyboard).expect(202)
    await caller.post('/orders', keyboard).expect(202)
    const asked = fake.requests.length
    const answer = await caller.post('/orders', keyboard).expect(202)
    expect(asked).toBe(5)
    expect(fake.requests).toHaveLength(asked)
    const { body: timeline } = await caller.get(`/orders/${answer.body.id}/timeline`)
    expect(timeline.at(-1).detail).toBe('not called (circuit-open)')
  })

  it('has released the hold already: is cancelled as timed out', async () => {
    const { as, fake, settler } = await testOrders()
    fake.before = ({ orderId, userId, method }) => {
      if (method === 'PUT') fake.holds.set(orderId, { userId, amountCents: 0, state: 'released' })
      return undefined
    }
    const caller = await as(fake.user())
    const answer = await caller.post('/orders', keyboard).expect(202)
    expect(answer.body).toMatchObject({ status: 'cancelling', reason: 'timed-out' })
    expect(await settler.pass()).toBeGreaterThan(0) // not due for five seconds: its own request might be under way
    expect(fake.requests.map(({ method }) => method)).toEqual(['PUT'])
  })
})
