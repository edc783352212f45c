import type { Database } from '@tandem/chassis/database/database'
import { testOrders } from '../support/order-app'
import { storeOrders } from '../support/stored-orders'

/** order-service, and what it reads from a table. */
async function countedReads() {
  const statements: string[] = []
  const wrapDatabase = (database: Database): Database => ({
    ...database,
    read: {
      get: (sql, ...values) => (statements.push(sql), database.read.get(sql, ...values)),
      all: (sql, ...values) => (statements.push(sql), database.read.all(sql, ...values)),
    },
  })
  const orders = await testOrders({ wrapDatabase })
  const from = (table: string) => statements.filter((sql) => sql.includes(`FROM ${table} `)).length
  return { ...orders, from }
}

describe('However many there are, one statement reads', () => {
  it('the products of an order', async () => {
    const { as, fake, from } = await countedReads()
    const products = ['cable', 'desk-lamp', 'headphones', 'keyboard', 'mouse']
    const items = products.map((productId, i) => ({ productId, quantity: i + 1 }))
    const { body } = await (await as(fake.user(1_000_000))).post('/orders', { items }).expect(201)
    expect(body.items).toEqual(items.map((item) => ({ ...item, unitPriceCents: expect.any(Number) })))
    expect(body.totalCents).toBe(1299 + 2 * 3499 + 3 * 8999 + 4 * 4999 + 5 * 2499)
    expect(from('products')).toBe(1)
  })

  it('the users of a page of orders', async () => {
    const { as, fake, database, from } = await countedReads()
    const users = ['Ada', 'Bob', undefined].map((name) => ({ id: fake.user(), name }))
    for (const { id } of users) await storeOrders(database, id, 2)
    for (const { id, name } of users)
      await database.write((tx) =>
        tx.run('INSERT INTO user_copies (id, name, version, changes) VALUES (?, ?, 1, 1)', id, name ?? null),
      )
    const { body } = await (await as('admin')).get('/orders').expect(200)
    const shown = users.map(({ id, name }) => (name === undefined ? null : { id, name }))
    expect(body.map(({ user }: { user: unknown }) => user)).toEqual(shown.flatMap((user) => [user, user]).reverse())
    expect(from('user_copies')).toBe(1)
  })
})
