import { keyboard, storedOrders, type Caller } from '../support/order-app'
import { followingOrders, userEvent } from './given-feed'

const firstKey = 'order-of-ada-1'

function place(caller: Caller, key = firstKey) {
  return caller.post('/orders', keyboard).set('Idempotency-Key', key)
}

/** The user of the order, in every answer that shows it and does not change it. */
async function usersShown(caller: Caller, orderId: string): Promise<unknown[]> {
  const read = await caller.get(`/orders/${orderId}`).expect(200)
  const listed = await caller.get('/orders').expect(200)
  const replayed = await place(caller)
  expect(replayed.headers['idempotent-replayed']).toBe('true')
  return [read.body, listed.body.at(-1), replayed.body].map(({ user }) => user)
}

describe('The user of an order', () => {
  it('is null until known, then has the current name, and is null after its deletion', async () => {
    const { as, fake, feed } = await followingOrders()
    const id = fake.user()
    const caller = await as(id)
    const { body: order } = await place(caller).expect(201)
    expect(order.user).toBeNull()
    expect(await usersShown(caller, order.id)).toEqual([null, null, null])

    await feed.tell(userEvent('created', { id, name: 'Ada', version: 1 }))
    expect(await usersShown(caller, order.id)).toEqual(Array(3).fill({ id, name: 'Ada' }))

    await feed.tell(userEvent('updated', { id, name: 'Countess', version: 2 }))
    expect(await usersShown(caller, order.id)).toEqual(Array(3).fill({ id, name: 'Countess' }))

    await feed.tell(userEvent('deleted', { id, name: null, version: 3 }))
    expect(await usersShown(caller, order.id)).toEqual([null, null, null])
  })

  it('is in the responses to placing and cancelling, whatever the outcome', async () => {
    const { as, fake, feed } = await followingOrders()
    const id = fake.user()
    await feed.tell(userEvent('created', { id, name: 'Ada', version: 1 }))
    const caller = await as(id)
    const answers = [await place(caller).expect(201)]
    const { id: orderId } = answers[0]!.body
    fake.before = () => ({ status: 400 })
    answers.push(await place(caller, 'order-of-ada-2').expect(202))
    answers.push(await caller.post(`/orders/${orderId}/cancel`).expect(202))
    answers.push(await place(caller).expect(202)) // which is cancelling
    answers.push(await caller.post(`/orders/${orderId}/cancel`).expect(202))
    fake.before = () => undefined
    const { body: third } = await place(caller, 'order-of-ada-3').expect(201)
    answers.push(await caller.post(`/orders/${third.id}/cancel`).expect(200))
    answers.push(await place(caller, 'order-of-ada-3').expect(200))
    expect(answers.map(({ body }) => body.user)).toEqual(Array(answers.length).fill({ id, name: 'Ada' }))
  })

  it('is the right one for each order in a list', async () => {
    const { as, fake, feed } = await followingOrders()
    const names: [string, string | null][] = [
      [fake.user(), 'Ada'],
      [fake.user(), 'Bob'],
      [fake.user(), null],
    ]
    for (const [id, name] of names) {
      if (name !== null) await feed.tell(userEvent('created', { id, name, version: 1 }))
      for (let i = 0; i < 2; i++) await (await as(id)).post('/orders', keyboard).expect(201)
    }
    const { body } = await (await as('admin')).get('/orders').expect(200)
    expect(body.map(({ userId, user }: { userId: string; user: unknown }) => [userId, user])).toEqual(
      names.reverse().flatMap(([id, name]) => Array<unknown>(2).fill([id, name && { id, name }])),
    )
  })

  it('is read from the local copy even if user-service is down', async () => {
    const { as, fake, feed } = await followingOrders()
    const id = fake.user()
    await feed.tell(userEvent('created', { id, name: 'Ada', version: 1 }))
    const caller = await as(id)
    const { body: order } = await place(caller).expect(201)
    const asked = fake.requests.length
    await usersShown(caller, order.id)
    expect(fake.requests).toHaveLength(asked)
    await fake.stop()
    expect(await usersShown(caller, order.id)).toEqual(Array(3).fill({ id, name: 'Ada' }))
  })

  it('is null if the copy cannot be read while the order is placed and stored', async () => {
    const { as, fake, database } = await followingOrders()
    await database.write((tx) => tx.run('ALTER TABLE user_copies RENAME TO mislaid'))
    const caller = await as(fake.user())
    const { body: order } = await place(caller).expect(201)
    expect(order).toMatchObject({ status: 'confirmed', user: null })
    fake.before = () => ({ status: 400 })
    expect((await place(caller, 'order-of-ada-2').expect(202)).body.user).toBeNull()
    expect(await storedOrders(database)).toMatchObject([{ id: order.id }, { status: 'pending' }])
    await caller.get(`/orders/${order.id}`).expect(500)
  })
})
