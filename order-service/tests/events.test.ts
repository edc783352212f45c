import { breakTable } from '../../chassis/testing/broken-table'
import { schemaIn } from '../../chassis/testing/conforming'
import request from 'supertest'
import type { Transaction } from '@tandem/chassis/database/database'
import { realSystem, timestamp } from '@tandem/chassis/system'
import { temporaryDatabase } from '../../chassis/testing/temporary-database'
import { migrations } from '../src/database/migrations'
import type { Order } from '../src/orders/order'
import { insertOrder, moveOrder } from '../src/orders/order-store'
import { keyboard, testOrders, type TestOrders } from './support/order-app'

interface Event {
  type: string
  subject: string
  data: { id: string }
}

/** What the admin is answered at GET /events. */
async function eventsOver({ as }: TestOrders): Promise<Event[]> {
  const answer = await (await as('admin')).get('/events').expect(200)
  return answer.body as Event[]
}

const typesAndData = (events: Event[]) => events.map(({ type, data }) => [type, data])

describe('The feed of order-service', () => {
  it('has events from pending to cancelled, but none for cancelling', async () => {
    const orders = await testOrders()
    const { fake, database, settler } = orders
    const userId = fake.user()
    const caller = await orders.as(userId)
    const { body: order } = await caller.post('/orders', keyboard).expect(201)
    fake.before = () => ({ status: 400 })
    await caller.post(`/orders/${order.id}/cancel`).expect(202)
    const told = { id: order.id, userId, totalCents: 4999, reason: null }
    const untilConfirmed = [
      ['order.pending', { ...told, status: 'pending' }],
      ['order.confirmed', { ...told, status: 'confirmed' }],
    ]
    const events = await eventsOver(orders)
    expect(typesAndData(events)).toEqual(untilConfirmed)
    expect(events[0]).toEqual({
      specversion: '1.0',
      id: expect.any(String),
      source: '/order-service',
      type: 'order.pending',
      subject: order.id,
      time: expect.any(String),
      datacontenttype: 'application/json',
      data: expect.any(Object),
    })

    fake.before = () => undefined
    await database.write((tx) => tx.run('UPDATE orders SET due_at = 0'))
    await settler.pass()

    expect(typesAndData(await eventsOver(orders))).toEqual([
      ...untilConfirmed,
      ['order.cancelled', { ...told, status: 'cancelled', reason: 'requested' }],
    ])
  })

  it('has an event with the reason for a refused order', async () => {
    const orders = await testOrders()
    const [poor, gone] = [orders.fake.user(0), realSystem.newId()]
    const { body: tooDear } = await (await orders.as(poor)).post('/orders', keyboard).expect(402)
    const { body: ofNobody } = await (await orders.as(gone)).post('/orders', keyboard).expect(404)
    const poorsOrder = { id: tooDear.orderId, userId: poor, totalCents: 4999 }
    const gonesOrder = { id: ofNobody.orderId, userId: gone, totalCents: 4999 }
    expect(typesAndData(await eventsOver(orders))).toEqual([
      ['order.pending', { ...poorsOrder, status: 'pending', reason: null }],
      ['order.rejected', { ...poorsOrder, status: 'rejected', reason: 'insufficient-credit' }],
      ['order.pending', { ...gonesOrder, status: 'pending', reason: null }],
      ['order.rejected', { ...gonesOrder, status: 'rejected', reason: 'user-not-found' }],
    ])
  })

  it('has the schema of each of its types in the OpenAPI document', async () => {
    const { plainApp } = await testOrders()
    const { body } = await request(plainApp).get('/openapi.json').expect(200)
    const { schema } = body.paths['/events'].get.responses['200'].content['application/cloudevents-batch+json']
    const described = schema.items.anyOf.map((it: object) => schemaIn(body, it).properties)
    const data = (status: string, reason: object) => ({
      type: 'object',
      required: ['id', 'userId', 'totalCents', 'status', 'reason'],
      additionalProperties: false,
      properties: { totalCents: { type: 'integer' }, status: { const: status }, reason },
    })
    expect(
      described.map(({ type, data }: Record<string, { const?: string }>) => [
        type?.const,
        schemaIn(body, (data ?? {}) as object),
      ]),
    ).toMatchObject([
      ['order.pending', data('pending', { type: 'null' })],
      ['order.confirmed', data('confirmed', { type: 'null' })],
      ['order.rejected', data('rejected', { enum: ['insufficient-credit', 'user-not-found'] })],
      ['order.cancelled', data('cancelled', { enum: ['timed-out', 'requested'] })],
    ])
  })
})

const newOrder = (): Order => {
  const now = timestamp(realSystem)
  const [id, userId] = [realSystem.newId(), realSystem.newId()]
  return { id, userId, items: [], totalCents: 4999, status: 'pending', reason: null, createdAt: now, updatedAt: now }
}

const insert = (tx: Transaction, order: Order) => insertOrder(tx, realSystem, order, { callerId: order.userId })

const changes: [string, (tx: Transaction, order: Order) => Promise<unknown>, string][] = [
  ['insertOrder', (tx) => insert(tx, newOrder()), 'order.pending'],
  [
    'moveOrder',
    (tx, order) => moveOrder(tx, realSystem, order, { state: { status: 'confirmed', reason: null }, detail: 'held' }),
    'order.confirmed',
  ],
]

describe('A change of an order, its event and its timeline step', () => {
  it.each(changes)('%s: are stored together, or none if the unit fails afterwards', async (...given) => {
    const [, change, type] = given
    const { order, database, everything } = await storedOrder()
    const before = await everything()
    let written: unknown
    const failing = database.write(async (tx) => {
      await change(tx, order)
      written = await tx.all('SELECT type FROM events ORDER BY id DESC LIMIT 1')
      throw new Error('on purpose')
    })
    await expect(failing).rejects.toThrow('on purpose')
    expect(written).toEqual([{ type }])
    expect(await everything()).toEqual(before)
  })

  it.each(changes)('%s: are not stored if the event cannot be written', async (_, change) => {
    const { order, database, everything } = await storedOrder()
    const before = await everything()
    await breakTable(database, 'INSERT', 'events')
    await expect(database.write((tx) => change(tx, order))).rejects.toThrow('secret of ours')
    expect(await everything()).toEqual(before)
  })
})

/** A pending order in a database of its own, and all that is kept of orders there. */
async function storedOrder() {
  const database = await temporaryDatabase(migrations)
  const order = newOrder()
  await database.write((tx) => insert(tx, order))
  const everything = async () => ({
    orders: await database.read.all('SELECT * FROM orders ORDER BY id'),
    steps: await database.read.all('SELECT * FROM order_steps ORDER BY order_id, position'),
    events: await database.read.all('SELECT sequence, id, type, subject, time, data FROM events ORDER BY sequence'),
  })
  return { order, database, everything }
}
