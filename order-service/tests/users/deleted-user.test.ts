import { failCommits } from '../../../chassis/testing/broken-table'
import request from 'supertest'
import { realSystem } from '@tandem/chassis/system'
import { VirtualSystem } from '../../../chassis/testing/virtual-system'
import { keyboard, storedOrders, type TestOrders } from '../support/order-app'
import { storeOrders } from '../support/stored-orders'
import { countWrites } from '../../../chassis/testing/count-writes'
import { followingOrders, storedCopies, userEvent } from './given-feed'

const deleted = (id: string) => userEvent('deleted', { id, name: null, version: 2 })

/** An order of the user that stays pending, as user-service does not answer; the next ones find it well again. */
async function pendingOrder({ as, fake }: TestOrders, userId: string): Promise<string> {
  fake.before = () => ({ status: 400 })
  const { body } = await (await as(userId)).post('/orders', keyboard).expect(202)
  fake.before = () => undefined
  return body.id
}

async function moves({ app }: TestOrders): Promise<Record<string, number>> {
  const { text } = await request(app).get('/metrics').expect(200)
  const counted = [...text.matchAll(/^orders_total\{status="(\w+)"\} (\d+)$/gm)]
  return Object.fromEntries(counted.map(([, status = '', count]) => [status, Number(count)]))
}

describe('The deletion of a user', () => {
  it('rejects its pending orders, and leaves those of other users alone', async () => {
    const orders = await followingOrders()
    const { as, fake, feed, database, settler } = orders
    const [userId, other] = [fake.user(), fake.user()]
    const ids = [
      await pendingOrder(orders, userId),
      await pendingOrder(orders, userId),
      await pendingOrder(orders, other),
    ]

    await feed.tell(deleted(userId))

    const rejected = { status: 'rejected', reason: 'user-not-found', due_at: null }
    const events = ['order.pending', 'order.rejected']
    expect(await storedOrders(database)).toEqual([
      { id: ids[0], ...rejected, events },
      { id: ids[1], ...rejected, events },
      { id: ids[2], status: 'pending', reason: null, due_at: expect.any(Number), events: ['order.pending'] },
    ])
    const { body: order } = await (await as(userId)).get(`/orders/${ids[0]}`).expect(200)
    expect(order).toMatchObject({ status: 'rejected', reason: 'user-not-found', user: null })
    const { body: timeline } = await (await as(userId)).get(`/orders/${ids[0]}/timeline`).expect(200)
    expect(timeline.at(-1)).toEqual({
      at: order.updatedAt,
      status: 'rejected',
      detail: 'user-service has no such user',
    })
    const told = await database.read.get<{ data: string }>(
      "SELECT data FROM events WHERE subject = ? AND type = 'order.rejected'",
      ids[0]!,
    )
    const { id, totalCents, status, reason } = order
    expect(JSON.parse(told?.data ?? '')).toEqual({ id, userId, totalCents, status, reason })
    expect(await moves(orders)).toMatchObject({ pending: 3, rejected: 2 })

    fake.requests.length = 0
    await database.write((tx) => tx.run('UPDATE orders SET due_at = 0 WHERE due_at IS NOT NULL'))
    await settler.pass()
    expect(fake.requests.map(({ orderId }) => orderId)).toEqual([ids[2]])
  })

  it('keeps its confirmed orders, without its name, and finishes cancellations', async () => {
    const orders = await followingOrders()
    const { as, fake, feed, database, settler } = orders
    const userId = fake.user()
    const caller = await as(userId)
    const { body: confirmed } = await caller.post('/orders', keyboard).expect(201)
    const { body: cancelling } = await caller.post('/orders', keyboard).expect(201)
    fake.before = () => ({ status: 400 })
    await caller.post(`/orders/${cancelling.id}/cancel`).expect(202)
    fake.before = () => undefined

    await feed.tell(userEvent('created', { id: userId, name: 'Ada', version: 1 }), deleted(userId))

    const { body: kept } = await caller.get(`/orders/${confirmed.id}`).expect(200)
    expect(kept).toEqual({ ...confirmed, user: null })
    expect(await storedOrders(database)).toMatchObject([{ status: 'confirmed' }, { status: 'cancelling' }])
    await database.write((tx) => tx.run('UPDATE orders SET due_at = 0 WHERE due_at IS NOT NULL'))
    await settler.pass()
    expect(await storedOrders(database)).toMatchObject([
      { status: 'confirmed', events: ['order.pending', 'order.confirmed'] },
      { status: 'cancelled', reason: 'requested', events: ['order.pending', 'order.confirmed', 'order.cancelled'] },
    ])
  })

  it('leaves a later order to user-service if the event is repeated', async () => {
    const orders = await followingOrders()
    const { fake, feed, database } = orders
    const userId = fake.user()
    const event = deleted(userId)
    await feed.tell(event)
    await pendingOrder(orders, userId)
    await feed.tell(event, userEvent('created', { id: realSystem.newId(), name: 'Bob', version: 1 }))
    expect(await storedOrders(database)).toMatchObject([{ status: 'pending', events: ['order.pending'] }])
  })

  it('stores nothing while its transaction cannot be committed, and then everything once', async () => {
    const system = new VirtualSystem()
    const orders = await followingOrders({ system })
    const { fake, feed, database } = orders
    const userId = fake.user()
    await pendingOrder(orders, userId)
    // A row whose parent is missing when the position is moved: that is found at the commit, after everything was done.
    const broken = await failCommits(database, 'followed_feeds')
    const event = deleted(userId)
    const told = feed.tell(event)
    await system.pass(10_000)

    expect(await storedOrders(database)).toMatchObject([{ status: 'pending', events: ['order.pending'] }])
    expect(await storedCopies(database)).toEqual([])
    for (const table of ['followed_feeds', 'seen_events', 'parked_events'])
      expect(await database.read.all(`SELECT * FROM ${table}`)).toEqual([])
    expect(await moves(orders)).toMatchObject({ rejected: 0 })

    await broken.mend()
    await system.pass(5000)
    await told
    expect(await storedOrders(database)).toMatchObject([
      { status: 'rejected', events: ['order.pending', 'order.rejected'] },
    ])
    expect(await storedCopies(database)).toEqual([{ id: userId, name: null, version: 2, changes: 1 }])
    expect(await database.read.all('SELECT last_event_id FROM followed_feeds')).toEqual([{ last_event_id: event.id }])
    expect(await moves(orders)).toMatchObject({ rejected: 1 })
  })
})

describe('The deletion of a user with very many pending orders', () => {
  const many = 700

  async function statusesOf({ database }: TestOrders): Promise<Record<string, number>> {
    const rows = await database.read.all<{ status: string; orders: number }>(
      'SELECT status, COUNT(*) AS orders FROM orders GROUP BY status',
    )
    return Object.fromEntries(rows.map(({ status, orders }) => [status, orders]))
  }

  it('leaves the rest to the settler, which rejects each order once without a call', async () => {
    const orders = await followingOrders()
    const { fake, feed, database, settler } = orders
    const userId = fake.user()
    await storeOrders(database, userId, many)
    await feed.tell(deleted(userId))
    expect((await statusesOf(orders)).pending).toBeGreaterThan(0)

    await settler.pass()

    expect(await statusesOf(orders)).toEqual({ rejected: many })
    const stored = await storedOrders(database)
    expect(stored.filter(({ events }) => events.join() !== 'order.pending,order.rejected')).toEqual([])
    expect(await moves(orders)).toMatchObject({ rejected: many })
    expect(fake.requests).toEqual([])
    expect(await database.read.all('SELECT * FROM departed_users')).toEqual([])
  })

  it('is finished after a restart if the process dies before it is done', async () => {
    const orders = await followingOrders()
    const { fake, feed, database, follower, anotherSettler } = orders
    const userId = fake.user()
    await storeOrders(database, userId, many)
    await feed.tell(deleted(userId))
    await follower.stop()
    await anotherSettler().pass()
    expect(await statusesOf(orders)).toEqual({ rejected: many })
  })

  it('never writes all of them in one transaction', async () => {
    const counted = countWrites()
    const orders = await followingOrders({ wrapDatabase: counted.wrap })
    const { fake, feed, database, settler } = orders
    const users = Array.from({ length: 50 }, () => fake.user())
    for (const userId of users) await storeOrders(database, userId, 20)
    await storeOrders(database, users[0]!, many)
    counted.reset()
    await feed.tell(...users.map(deleted)) // a page in one transaction
    await settler.pass()
    expect((await statusesOf(orders)).rejected).toBe(many + 50 * 20)
    expect(counted.maxRows()).toBeLessThan(2_000) // four rows an order
  })
})

describe('An order whose user is deleted during the call to user-service', () => {
  it('returns 404 with its id even if the credit was held, and moves once', async () => {
    const orders = await followingOrders()
    const { as, fake, feed, database } = orders
    const userId = fake.user()
    const caller = await as(userId)
    fake.after = async () => {
      await feed.tell(deleted(userId)) // user-service's answer, that the credit is held, is still on its way
      return undefined
    }
    const place = () => caller.post('/orders', keyboard).set('Idempotency-Key', 'order-of-ada-1')
    const answer = await place().expect(404)

    const [stored] = await storedOrders(database)
    expect(answer.body).toMatchObject({ code: 'user-not-found', orderId: stored?.id })
    expect(stored).toMatchObject({ status: 'rejected', events: ['order.pending', 'order.rejected'] })
    expect(await moves(orders)).toMatchObject({ pending: 1, rejected: 1, confirmed: 0 })
    const again = await place().expect(404)
    expect(again.body.orderId).toBe(stored?.id)
    expect(again.headers['idempotent-replayed']).toBe('true')
    await caller.post(`/orders/${stored?.id}/cancel`).expect(409)
  })

  it("stays rejected if it was the settler's call", async () => {
    const orders = await followingOrders()
    const { fake, feed, database, settler } = orders
    const userId = fake.user()
    await pendingOrder(orders, userId)
    await database.write((tx) => tx.run('UPDATE orders SET due_at = 0'))
    fake.after = async () => {
      await feed.tell(deleted(userId))
      return undefined
    }
    await settler.pass()
    expect(await storedOrders(database)).toMatchObject([
      { status: 'rejected', due_at: null, events: ['order.pending', 'order.rejected'] },
    ])
    expect(await moves(orders)).toMatchObject({ rejected: 1, confirmed: 0 })
  })
})
