import { realSystem } from '@tandem/chassis/system'
import { eventually } from '../../../chassis/testing/temporary'
import { keyboard, storedOrders, testOrders, type TestOrders } from '../support/order-app'
import { storedCopies } from './given-feed'

/** Follows a feed of so many users, of whom every third was renamed, and every fifth is gone with its name. */
async function ordersWithUsers(count: number): Promise<TestOrders> {
  const orders = await testOrders()
  const { fake, follower } = orders
  const told: Promise<void>[] = []
  for (let i = 0; i < count; i++) {
    const id = realSystem.newId()
    const [renamed, gone] = [i % 3 === 0, i % 5 === 0]
    const versions = ['user.created', ...(renamed ? ['user.updated'] : []), ...(gone ? ['user.deleted'] : [])]
    const name = (version: number) => (gone ? null : `Ada ${i}, version ${version}`)
    told.push(...versions.map((type, v) => fake.publish(type, { id, name: name(v + 1), version: v + 1 })))
  }
  await Promise.all(told)
  follower.start()
  await eventually(() => follower.lag.events === 0)
  return orders
}

describe('POST /user-copy/rebuild', () => {
  it('rebuilds the same copy from the feed while orders are placed', async () => {
    const { as, fake, database, follower, settler } = await ordersWithUsers(250)
    const before = await storedCopies(database)
    expect(before).toHaveLength(250)
    expect(before.every(({ version, changes }) => version === changes)).toBe(true)
    await database.write((tx) => tx.run("UPDATE user_copies SET name = 'Mallory', version = 99, changes = 99"))
    const admin = await as('admin')
    const caller = await as(fake.user())
    const place = () => caller.post('/orders', keyboard)

    const [rebuilt, ...placed] = await Promise.all([
      admin.post('/user-copy/rebuild'),
      ...Array.from({ length: 10 }, place),
    ])

    expect(rebuilt.status).toBe(202)
    expect(rebuilt.text).toBe('')
    expect(placed.every(({ status }) => status === 201 || status === 202)).toBe(true)
    await eventually(() => follower.lag.events === 0)
    expect(await storedCopies(database)).toEqual(before)
    await eventually(async () => {
      await database.write((tx) => tx.run('UPDATE orders SET due_at = 0 WHERE due_at IS NOT NULL'))
      await settler.pass()
      return (await storedOrders(database)).every(({ status }) => status === 'confirmed')
    })
    expect(await storedOrders(database)).toHaveLength(10)
  })

  it('leaves orders without names while user-service is down', async () => {
    const { as, fake, database, follower } = await ordersWithUsers(3)
    const before = await storedCopies(database)
    await fake.stop()
    await (await as('admin')).post('/user-copy/rebuild').expect(202)
    expect(await storedCopies(database)).toEqual([])
    const { body: order } = await (await as(before.at(-1)!.id)).post('/orders', keyboard).expect(202)
    expect(order.user).toBeNull()
    const late = realSystem.newId()
    await fake.publish('user.created', { id: late, name: 'Eve', version: 1 })
    await fake.listen()
    await eventually(() => follower.lag.events === 0)
    expect(await storedCopies(database)).toEqual([...before, { id: late, name: 'Eve', version: 1, changes: 1 }])
  })
})
