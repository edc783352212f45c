import request from 'supertest'
import type { Database } from '@tandem/chassis/database/database'
import { testOrders } from '../support/order-app'

async function namesOf({ read }: Database, ...ids: string[]): Promise<string[]> {
  const rows = await read.all<{ id: string; name: string }>('SELECT id, name FROM products ORDER BY id')
  return rows.filter(({ id }) => ids.includes(id)).map(({ name }) => name)
}

describe('The catalogue', () => {
  it('starts with eight products by id, readable by anyone', async () => {
    const { app } = await testOrders()
    const { body } = await request(app).get('/products').expect(200)
    const ids = body.map(({ id }: { id: string }) => id)
    expect(ids).toEqual([...ids].sort())
    expect(ids).toHaveLength(8)
    expect(body).toContainEqual({ id: 'keyboard', name: 'Keyboard', priceCents: 4999 })
  })

  it('is read page by page', async () => {
    const { app } = await testOrders()
    const first = await request(app).get('/products?limit=5').expect(200)
    expect(first.headers.link).toBe(`</products?limit=5&after=${first.body[4].id}>; rel="next"`)
    const second = await request(app).get(`/products?limit=5&after=${first.body[4].id}`).expect(200)
    expect(second.body).toHaveLength(3)
    expect(second.headers.link).toBeUndefined()
  })

  it('returns a product, and 404 for an unknown one', async () => {
    const { app } = await testOrders()
    const { body } = await request(app).get('/products/mouse').expect(200)
    expect(body).toEqual({ id: 'mouse', name: 'Mouse', priceCents: 2499 })
    const missing = await request(app).get('/products/unicorn').expect(404)
    expect(missing.body.code).toBe('product-not-found')
  })

  it('returns 400 for an id that is not a slug', async () => {
    const { app } = await testOrders()
    for (const id of ['Mouse', '-mouse', 'a'.repeat(65), 'm_use']) await request(app).get(`/products/${id}`).expect(400)
  })

  it('lets an admin add and change a product', async () => {
    const { as, database } = await testOrders()
    const admin = await as('admin')
    const added = await admin.put('/products/pen', { name: 'Pen', priceCents: 150 }).expect(201)
    expect(added.headers.location).toBe('/products/pen')
    const changed = await admin.put('/products/pen', { name: 'Good pen', priceCents: 250 }).expect(200)
    expect(changed.body).toEqual({ id: 'pen', name: 'Good pen', priceCents: 250 })
    const stored = await database.read.get("SELECT name, price_cents FROM products WHERE id = 'pen'")
    expect(stored).toEqual({ name: 'Good pen', price_cents: 250 })
  })

  it('returns 412 and changes nothing with If-None-Match: * if the product exists, and adds it if it does not', async () => {
    const { as, database } = await testOrders()
    const admin = await as('admin')
    const put = (path: string) => admin.put(path, { name: 'Pen', priceCents: 150 }).set('If-None-Match', '*')
    expect((await put('/products/mouse').expect(412)).body.code).toBe('precondition-failed')
    await put('/products/pen').expect(201)
    expect(await namesOf(database, 'mouse', 'pen')).toEqual(['Mouse', 'Pen'])
  })

  it('returns 412 and adds nothing with If-Match: * if the product does not exist, and changes it if it does', async () => {
    const { as, database } = await testOrders()
    const admin = await as('admin')
    const put = (path: string) => admin.put(path, { name: 'New', priceCents: 150 }).set('If-Match', '*')
    expect((await put('/products/pen').expect(412)).body.code).toBe('precondition-failed')
    await put('/products/mouse').expect(200)
    expect(await namesOf(database, 'mouse', 'pen')).toEqual(['New'])
  })

  it('returns 412 with both, and 400 with a tag or a date, and keeps what was there', async () => {
    const { as, database } = await testOrders()
    const admin = await as('admin')
    const put = (path: string) => admin.put(path, { name: 'New', priceCents: 150 })
    for (const path of ['/products/mouse', '/products/pen'])
      await put(path).set('If-Match', '*').set('If-None-Match', '*').expect(412)
    for (const [header, value] of [
      ['If-Match', '"1"'],
      ['If-None-Match', 'W/"1"'],
      ['If-None-Match', '*, *'],
      ['If-Unmodified-Since', 'Mon, 07 Sep 2026 00:00:00 GMT'],
    ] as const) {
      const { body } = await put('/products/mouse').set(header, value).expect(400)
      expect(body.errors).toMatchObject([{ pointer: `/header/${header.toLowerCase()}` }])
    }
    expect(await namesOf(database, 'mouse', 'pen')).toEqual(['Mouse'])
  })

  it('adds one product for ten concurrent requests with If-None-Match: *', async () => {
    const { as, database } = await testOrders()
    const admin = await as('admin')
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        admin.put('/products/pen', { name: `Pen ${i}`, priceCents: 150 }).set('If-None-Match', '*'),
      ),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(9).fill(412)])
    const added = answers.find(({ status }) => status === 201)
    expect(await namesOf(database, 'pen')).toEqual([added?.body.name])
  })

  it('returns 403 if a user changes a product', async () => {
    const { as, fake } = await testOrders()
    const { body } = await (await as(fake.user())).put('/products/pen', { name: 'Pen', priceCents: 1 }).expect(403)
    expect(body.code).toBe('forbidden')
  })

  it.each(['', '  ', '\u200b', 'Pen\u001b[2J', 'Pen\nPencil', 'x'.repeat(101), 'A\ud800', 7])(
    'returns 400 and keeps nothing if its name is %j',
    async (name) => {
      const { as, database } = await testOrders()
      const { body } = await (await as('admin')).put('/products/pen', { name, priceCents: 1 }).expect(400)
      expect(body.errors[0].pointer).toBe('/name')
      expect(await database.read.all("SELECT id FROM products WHERE id = 'pen'")).toEqual([])
    },
  )

  it.each([0, -1, 1.5, 1_000_000_001, '100', null])('returns 400 for the price %p', async (priceCents) => {
    const { as } = await testOrders()
    const { body } = await (await as('admin')).put('/products/pen', { name: 'Pen', priceCents }).expect(400)
    expect(body.errors).toMatchObject([{ pointer: '/priceCents' }])
  })
})
