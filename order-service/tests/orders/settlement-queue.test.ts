import { realSystem } from '@tandem/chassis/system'
import { countWrites } from '../../../chassis/testing/count-writes'
import { temporaryDatabase } from '../../../chassis/testing/temporary-database'
import { temporarySqlite } from '../../../chassis/testing/temporary-sqlite'
import { VirtualSystem } from '../../../chassis/testing/virtual-system'
import { migrations } from '../../src/database/migrations'
import { claimDue, giveBack, isAnyDue, makeAllDue } from '../../src/orders/settlement-queue'
import { insertPending } from '../support/pending-orders'
import { storeOrders } from '../support/stored-orders'

const hourMs = 3_600_000

async function databaseWithOrders(count = 1) {
  const system = new VirtualSystem()
  const database = await temporaryDatabase(migrations)
  const orders = await storeOrders(database, realSystem.newId(), count, system)
  const claim = (limit = 10) => database.write((tx) => claimDue(tx, system, limit))
  /** The ids of the orders that are due, which are claimed then. */
  const due = async () => {
    const isAny = await isAnyDue(database.read, system)
    const ids = (await claim()).orders.map(({ id }) => id)
    expect(isAny).toBe(ids.length > 0)
    return ids.sort()
  }
  return { ids: orders.map(({ id }) => id), claim, due, database, system }
}

describe('A new order', () => {
  it('is due after five seconds, and not before', async () => {
    const { ids, due, system } = await databaseWithOrders()
    system.jump(4_999)
    expect(await due()).toEqual([])
    system.jump(1)
    expect(await due()).toEqual(ids)
  })

  it('is due at once if the clock went back by an hour', async () => {
    const { ids, due, system } = await databaseWithOrders()
    system.jump(-hourMs)
    expect(await due()).toEqual(ids)
  })

  it('is not due for a replica whose clock is a minute behind', async () => {
    const { due, system } = await databaseWithOrders()
    system.jump(-60_000)
    expect(await due()).toEqual([])
  })
})

describe('A claimed order', () => {
  it('cannot be claimed by others for five seconds, and can then, because its holder has died', async () => {
    const { ids, due, claim, system } = await databaseWithOrders()
    system.jump(6_000)
    expect((await claim()).orders.map(({ id }) => id)).toEqual(ids)
    system.jump(4_999)
    expect(await due()).toEqual([])
    system.jump(1)
    expect(await due()).toEqual(ids)
  })

  it('is due at once if its claim is given back, and only that one', async () => {
    const { ids, due, claim, database, system } = await databaseWithOrders(5)
    system.jump(6_000)
    const { orders, until } = await claim()
    const given = orders.slice(0, 3)
    await database.write((tx) => giveBack(tx, system, { orders: given, until }))
    expect(orders).toHaveLength(ids.length)
    expect(await due()).toEqual(given.map(({ id }) => id).sort())
  })

  it('keeps a later claim if an earlier one is given back', async () => {
    const { due, claim, database, system } = await databaseWithOrders()
    system.jump(6_000)
    const late = await claim()
    system.jump(6_000)
    const { orders } = await claim()
    expect(orders).toHaveLength(1)
    await database.write((tx) => giveBack(tx, system, late))
    expect(await due()).toEqual([])
  })
})

describe('A claim', () => {
  it('takes the orders that are due for longest, and not more than were asked for', async () => {
    const { ids, claim, database, system } = await databaseWithOrders(2)
    system.jump(6_000)
    await database.write((tx) => insertPending(tx, system)) // due since 1970
    const claimed = await claim(2)
    expect(claimed.orders).toHaveLength(2)
    expect(claimed.orders.filter(({ id }) => ids.includes(id))).toHaveLength(1)
  })

  it('takes not more than were asked for if some are overdue and some were set before the clock went back', async () => {
    const { claim, database, system } = await databaseWithOrders(3)
    system.jump(-hourMs)
    for (let i = 0; i < 3; i++) await database.write((tx) => insertPending(tx, system)) // due since 1970
    expect((await claim(4)).orders).toHaveLength(4)
    expect((await claim(4)).orders).toHaveLength(2)
  })
})

describe('At process start', () => {
  it('all unfinished orders become due on SQLite, at most some hundreds in each transaction', async () => {
    const counted = countWrites()
    const database = counted.wrap(await temporarySqlite(migrations))
    await storeOrders(database, realSystem.newId(), 1_200)
    counted.reset()
    expect(await isAnyDue(database.read, realSystem)).toBe(false)
    await makeAllDue(database, realSystem)
    expect(counted.maxRows()).toBeLessThanOrEqual(500)
    const claimed = await database.write((tx) => claimDue(tx, realSystem, 2_000))
    expect(claimed.orders).toHaveLength(1_200)
  })
})
