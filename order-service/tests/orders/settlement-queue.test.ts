import { realSystem } from '@tandem/chassis/system'
import { countWrites } from '../../../chassis/testing/count-writes'
import { temporaryDatabase } from '../../../chassis/testing/temporary'
import { VirtualSystem } from '../../../chassis/testing/virtual-system'
import { migrations } from '../../src/database/migrations'
import type { Order } from '../../src/orders/order'
import { insertOrder } from '../../src/orders/order-store'
import { dueOrders, makeAllDue } from '../../src/orders/settlement-queue'
import { storeOrders } from '../support/stored-orders'

const hourMs = 3_600_000

async function databaseWithOrder() {
  const system = new VirtualSystem()
  const database = await temporaryDatabase(migrations)
  const order: Order = {
    id: realSystem.newId(),
    userId: realSystem.newId(),
    items: [],
    totalCents: 4999,
    status: 'pending',
    reason: null,
    createdAt: new Date(system.now()).toISOString(),
    updatedAt: new Date(system.now()).toISOString(),
  }
  await database.write((tx) => insertOrder(tx, system, order, { callerId: order.userId }))
  return { order, due: async () => (await dueOrders(database.read, system, 10)).map(({ id }) => id), system }
}

describe('A new order', () => {
  it('is due after five seconds, and not before', async () => {
    const { order, due, system } = await databaseWithOrder()
    system.jump(4_999)
    expect(await due()).toEqual([])
    system.jump(1)
    expect(await due()).toEqual([order.id])
  })

  it('is due at once if the clock went back by an hour', async () => {
    const { order, due, system } = await databaseWithOrder()
    system.jump(-hourMs)
    expect(await due()).toEqual([order.id])
  })
})

describe('At process start', () => {
  it('all unfinished orders become due, at most some hundreds in each transaction', async () => {
    const counted = countWrites()
    const database = counted.wrap(await temporaryDatabase(migrations))
    await storeOrders(database, realSystem.newId(), 1_200)
    counted.reset()
    const countDue = () => dueOrders(database.read, realSystem, 2_000)
    expect(await countDue()).toEqual([])
    await makeAllDue(database, realSystem)
    expect(await countDue()).toHaveLength(1_200)
    expect(counted.maxRows()).toBeLessThanOrEqual(500)
  })
})
