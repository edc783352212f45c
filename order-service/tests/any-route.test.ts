import request from 'supertest'
import { decodeProtectedHeader } from 'jose'
import { eventually } from '../../chassis/testing/temporary'
import { keyboard, storedOrders, testOrders } from './support/order-app'

describe('order-service', () => {
  it('is ready even if user-service is down', async () => {
    const { app, fake } = await testOrders()
    await fake.stop()
    for (const path of ['/health', '/health/ready']) {
      const { body } = await request(app).get(path).expect(200)
      expect(body).toEqual({
        status: 'ok',
        service: 'order-service',
        version: '0.0.0',
        checks: { database: 'ok' },
        lag: { 'user-service': { events: null, seconds: expect.any(Number) } },
      })
    }
    expect((await request(app).get('/health/live').expect(200)).body).toEqual({ status: 'ok' })
  })

  it('is not ready while it stops, but live', async () => {
    const { app } = await testOrders({ isStopping: () => true })
    const { body, headers } = await request(app).get('/health/ready').expect(503)
    expect(body.code).toBe('unavailable')
    expect(headers.connection).toBe('close')
    await request(app).get('/health/live').expect(200)
  })

  it('publishes the key that it signs its calls with', async () => {
    const { app, as, fake } = await testOrders()
    await (await as(fake.user())).post('/orders', keyboard).expect(201)
    const { body } = await request(app).get('/.well-known/jwks.json').expect(200)
    const { kid, alg, typ } = decodeProtectedHeader(fake.requests[0]!.authorization!.replace('Bearer ', ''))
    expect({ alg, typ }).toEqual({ alg: 'EdDSA', typ: 'at+jwt' })
    expect(body.keys.map((key: { kid: string }) => key.kid)).toEqual([kid])
    expect(Object.keys(body.keys[0]).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x'])
  })

  it('explains each problem on a page', async () => {
    const { app } = await testOrders()
    const { text } = await request(app).get('/problems/order-not-cancellable').expect(200)
    expect(text).toContain('Status 409')
    await request(app).get('/problems/nothing').expect(404)
  })
})

describe('POST /orders with a malformed body', () => {
  it.each([
    ['malformed JSON', '{"items":', 'application/json', 400],
    ['an array', '[]', 'application/json', 400],
    ['a number too large for one', '{"items":[{"productId":"mouse","quantity":1e400}]}', 'application/json', 400],
    ['nothing', '', 'application/json', 400],
    ['a form', 'items=1', 'application/x-www-form-urlencoded', 415],
    ['17 kB', `{"x":"${'x'.repeat(17_000)}"}`, 'application/json', 413],
    ['a key of Object.prototype', '{"__proto__":{"items":[]},"items":[]}', 'application/json', 400],
  ])('stores nothing if %s', async (_, body, type, status) => {
    const { as, fake, database } = await testOrders()
    const answer = await (await as(fake.user())).post('/orders').set('Content-Type', type).send(body)
    expect(answer.status).toBe(status)
    expect(answer.headers['content-type']).toContain('application/problem+json')
    expect(await storedOrders(database)).toEqual([])
  })

  it('returns 400 and names the first 20 of 50 unknown products', async () => {
    const { as, fake } = await testOrders()
    const items = Array.from({ length: 50 }, (_, i) => ({ productId: `no-thing-${i}`, quantity: 1 }))
    const { body } = await (await as(fake.user())).post('/orders', { items }).expect(400)
    const pointers = body.errors.map(({ pointer }: { pointer: string }) => pointer)
    expect(pointers).toEqual(Array.from({ length: 20 }, (_, i) => `/items/${i}/productId`))
  })

  it('returns 400 for 51 different products, and accepts 50', async () => {
    const { as, fake, database } = await testOrders()
    const items = Array.from({ length: 51 }, (_, i) => ({ productId: `thing-${i}`, quantity: 1 }))
    await database.write(async (tx) => {
      for (const { productId } of items) await tx.run('INSERT INTO products VALUES (?, ?, 1)', productId, productId)
    })
    const caller = await as(fake.user())
    expect((await caller.post('/orders', { items }).expect(400)).body.errors).toMatchObject([{ pointer: '/items' }])
    await caller.post('/orders', { items: items.slice(1) }).expect(201)
  })
})

describe('A precondition on an order', () => {
  it.each(['If-Match', 'If-None-Match', 'If-Unmodified-Since'])(
    '%s returns 400, places no order and cancels none',
    async (header) => {
      const { as, fake, database } = await testOrders()
      const caller = await as(fake.user())
      const { body: order } = await caller.post('/orders', keyboard).expect(201)
      for (const asked of [caller.post('/orders', keyboard), caller.post(`/orders/${order.id}/cancel`)]) {
        const { body } = await asked.set(header, '*').expect(400)
        expect(body.errors).toMatchObject([{ pointer: `/header/${header.toLowerCase()}` }])
      }
      expect(await storedOrders(database)).toMatchObject([{ id: order.id, status: 'confirmed' }])
    },
  )
})

describe('An internal error', () => {
  it('returns 500 without details, and loses nothing', async () => {
    const { as, fake, database } = await testOrders()
    await database.write((tx) => tx.run('ALTER TABLE products RENAME TO mislaid'))
    const answer = await (await as(fake.user())).post('/orders', keyboard).expect(500)
    expect(answer.body.code).toBe('internal')
    expect(answer.text).not.toMatch(/products|SQL|sqlite|at /)
    expect(await storedOrders(database)).toEqual([])
  })

  it('between the order and its step stores neither, nor an event', async () => {
    const { as, fake, database } = await testOrders()
    await database.write((tx) => tx.run('ALTER TABLE events RENAME TO mislaid'))
    await (await as(fake.user())).post('/orders', keyboard).expect(500)
    expect(await database.read.all('SELECT id FROM orders')).toEqual([])
    expect(await database.read.all('SELECT order_id FROM order_steps')).toEqual([])
    expect(fake.requests).toEqual([])
  })
})

describe('More concurrent orders than MAX_IN_FLIGHT', () => {
  it('are refused before anything is stored', async () => {
    const { app, as, fake, database } = await testOrders({ maxInFlight: 1 })
    const caller = await as(fake.user())
    let go = (): void => undefined
    const gate = new Promise<void>((resolve) => (go = resolve))
    fake.before = async () => {
      await gate
      return undefined
    }
    const first = caller.post('/orders', keyboard).then(({ status }) => status)
    await eventually(() => fake.requests.length === 1)
    const refused = await caller.post('/orders', keyboard).expect(503)
    expect(refused.body.code).toBe('overloaded')
    expect(refused.headers['retry-after']).toBe('1')
    await request(app).get('/health/ready').expect(200)
    go()
    expect(await first).toBe(201)
    expect(await storedOrders(database)).toHaveLength(1)
  })
})
