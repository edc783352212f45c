import type { Database } from '@tandem/chassis/database/database'
import { realSystem } from '@tandem/chassis/system'
import { temporaryFolder } from '../../../chassis/testing/temporary'
import { temporaryDatabase } from '../../../chassis/testing/temporary-database'
import { migrations } from '../../src/database/migrations'
import { makeAllDue } from '../../src/orders/settlement-queue'
import { FakeUserService } from '../support/fake-user-service'
import { storedOrders, testOrders } from '../support/order-app'
import { held, scripted } from '../support/pending-orders'
import { storeOrders } from '../support/stored-orders'

/** Two order-services, each with connections of its own to one database, beside one user-service. */
async function replicas({ pendingTimeoutMs = 600_000 } = {}) {
  const [folder, fake] = [temporaryFolder(), await FakeUserService.start()]
  const { transport, asked } = scripted(held)
  const start = async () => {
    const database = await temporaryDatabase(migrations, { folder })
    return testOrders({ database, fake, transport, pendingTimeoutMs })
  }
  const [first, second] = [await start(), await start()]
  const pass = () => Promise.all([first.settler.pass(), second.settler.pass()])
  return { database: first.database, pass, asked }
}

const countSteps = (database: Database, status: string) =>
  database.read.get('SELECT COUNT(*) AS n FROM order_steps WHERE status = ?', status)

async function untilNoneIs(status: string, database: Database, pass: () => Promise<unknown>): Promise<void> {
  for (let passes = 0; passes < 20; passes++) {
    if (!(await storedOrders(database)).some((order) => order.status === status)) return
    await pass()
  }
  throw new Error(`some orders are still ${status}`)
}

describe('The settlers of two replicas', () => {
  it('ask for each due order once between them', async () => {
    const { database, pass, asked } = await replicas()
    const orders = await storeOrders(database, realSystem.newId(), 300)
    await database.write((tx) => tx.run('UPDATE orders SET due_at = 0'))
    await untilNoneIs('pending', database, pass)
    expect(asked.map(({ path }) => path.split('/').at(-1)).sort()).toEqual(orders.map(({ id }) => id))
    expect(await countSteps(database, 'confirmed')).toEqual({ n: 300 })
  })

  it('cancel each timed-out order once', async () => {
    const { database, pass, asked } = await replicas({ pendingTimeoutMs: 0 })
    await storeOrders(database, realSystem.newId(), 300)
    await untilNoneIs('pending', database, pass)
    expect(await countSteps(database, 'cancelling')).toEqual({ n: 300 })
    expect(asked).toEqual([])
  })

  it('reject all orders of a deleted user, each once and without a call', async () => {
    const { database, pass, asked } = await replicas()
    const userId = realSystem.newId()
    await storeOrders(database, userId, 700)
    await database.write((tx) => tx.run('INSERT INTO departed_users (user_id) VALUES (?)', userId))
    await pass()
    await pass()
    const stored = await storedOrders(database)
    expect(stored.filter(({ status }) => status !== 'rejected')).toEqual([])
    expect(await countSteps(database, 'rejected')).toEqual({ n: 700 })
    expect(await database.read.all('SELECT user_id FROM departed_users')).toEqual([])
    expect(asked).toEqual([])
  })
})

describe('The start of another replica', () => {
  it('makes no order due, as a request may wait for it elsewhere', async () => {
    const { database, pass, asked } = await replicas()
    await storeOrders(database, realSystem.newId(), 3)
    await makeAllDue(database, realSystem)
    await pass()
    expect(asked).toEqual([])
  })
})
