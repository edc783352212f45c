import { randomUUID } from 'node:crypto'
import request from 'supertest'
import type { Database } from '@tandem/chassis/database/database'
import { realSystem } from '@tandem/chassis/system'
import { countWrites } from '../../../chassis/testing/count-writes'
import { collect } from '../../../chassis/testing/collect'
import { holdCredit } from '../../src/credit/hold-store'
import { reconcileHolds } from '../../src/operations/reconcile-holds'
import { creditOf, everythingStored, usersOutOfBalance } from '../support/stored'
import { bearer, testUsers, type TestUsers } from '../support/user-app'

/** Reconciles with these orders of one user. Answers what came of which hold, without the user. */
async function reconcile({ database }: TestUsers, userId: string, ...orders: [string, string, number][]) {
  async function* records() {
    yield { kind: 'user-copy', id: userId }
    for (const [id, status, totalCents] of orders) yield { kind: 'order', id, userId, status, totalCents, more: 1 }
  }
  const reconciled = await collect(reconcileHolds({ database, system: realSystem }, records()))
  return reconciled.map(({ orderId, amountCents, outcome, ...rest }) => ({
    orderId,
    amountCents,
    outcome: 'why' in rest ? rest.why : outcome,
  }))
}

async function oneUser(signupCreditCents = 1000) {
  const service = await testUsers({ signupCreditCents })
  const { id: userId } = await service.signUp()
  return { service, userId, database: service.database }
}

describe('Reconciling holds with the orders of order-service', () => {
  it('releases the hold of a missing, rejected or cancelled order', async () => {
    const { service, userId, database } = await oneUser()
    const [gone, rejected, cancelled] = Array.from({ length: 3 }, () => randomUUID()).sort()
    for (const orderId of [gone, rejected, cancelled]) await service.hold(userId, orderId!, 100)

    const orders: [string, string, number][] = [
      [rejected!, 'rejected', 100],
      [cancelled!, 'cancelled', 100],
    ]
    expect(await reconcile(service, userId, ...orders)).toEqual(
      [gone, rejected, cancelled].map((orderId) => ({ orderId, amountCents: 100, outcome: 'released' })),
    )
    expect(await creditOf(database, userId)).toBe(1000)
    expect(await usersOutOfBalance(database)).toEqual([])
    expect(await reconcile(service, userId, ...orders)).toEqual([]) // run again, it finds nothing to do
  })

  it('leaves alone what order-service holds, or settles itself', async () => {
    const { service, userId, database } = await oneUser()
    const [pending, confirmed, cancelling, notYet] = Array.from({ length: 4 }, () => randomUUID())
    for (const orderId of [pending, confirmed, cancelling]) await service.hold(userId, orderId!, 100)
    const before = await everythingStored(database)
    const orders: [string, string, number][] = [
      [pending!, 'pending', 100],
      [confirmed!, 'confirmed', 100],
      [cancelling!, 'cancelling', 100],
      [notYet!, 'pending', 100],
    ]
    expect(await reconcile(service, userId, ...orders)).toEqual([])
    expect(await everythingStored(database)).toEqual(before)
  })

  it('holds what a confirmed order lacks, with the credit just released', async () => {
    const { service, userId, database } = await oneUser(100)
    const [gone, confirmed] = [randomUUID(), randomUUID()]
    await service.hold(userId, gone, 100)
    expect(await reconcile(service, userId, [confirmed, 'confirmed', 70])).toEqual([
      { orderId: gone, amountCents: 100, outcome: 'released' },
      { orderId: confirmed, amountCents: 70, outcome: 'held' },
    ])
    expect(await creditOf(database, userId)).toBe(30)
    expect(await usersOutOfBalance(database)).toEqual([])
  })

  it('reports a lack of credit, and makes the hold once there is enough', async () => {
    const { service, userId, database } = await oneUser(100)
    const orderId = randomUUID()
    expect(await reconcile(service, userId, [orderId, 'confirmed', 101])).toEqual([
      { orderId, amountCents: 101, outcome: expect.stringMatching(/^the credit left is 100: deposit /) },
    ])
    expect(await creditOf(database, userId)).toBe(100)
    await service.deposit(userId, 1)
    expect(await reconcile(service, userId, [orderId, 'confirmed', 101])).toMatchObject([{ outcome: 'held' }])
    expect(await creditOf(database, userId)).toBe(0)
  })

  it('reports a contradicting decision', async () => {
    const { service, userId, database } = await oneUser(100)
    const [refused = '', released = '', other = ''] = [randomUUID(), randomUUID(), randomUUID()].sort()
    await service.hold(userId, refused, 101)
    await service.release(userId, released)
    await service.hold(userId, other, 40)
    const before = await everythingStored(database)
    const orders: [string, string, number][] = [
      [refused, 'confirmed', 101],
      [released, 'confirmed', 50],
      [other, 'confirmed', 41],
    ]
    expect(await reconcile(service, userId, ...orders)).toMatchObject([
      { orderId: refused, outcome: expect.stringMatching(/^it was refused/) },
      { orderId: released, outcome: expect.stringMatching(/^it was given back/) },
      { orderId: other, outcome: expect.stringMatching(/^another amount/) },
    ])
    expect(await everythingStored(database)).toEqual(before)
  })

  it('reports a missing user, but not a deleted one, who has no holds', async () => {
    const { service, userId } = await oneUser()
    const [orderId, stranger] = [randomUUID(), randomUUID()]
    await request(service.app)
      .delete(`/users/${userId}`)
      .auth(await service.adminToken(), bearer)
    expect(await reconcile(service, userId, [orderId, 'confirmed', 1])).toEqual([])
    expect(await reconcile(service, stranger, [orderId, 'confirmed', 1])).toMatchObject([
      { orderId, outcome: expect.stringMatching(/^there is no such user/) },
    ])
  })

  it('releases nothing if order-service has no orders, and succeeds if there are no holds either', async () => {
    const { service, userId, database } = await oneUser()
    expect(await reconcile(service, userId)).toEqual([])
    await service.hold(userId, randomUUID(), 100)
    const before = await everythingStored(database)
    await expect(reconcile(service, userId)).rejects.toThrow('order-service has no order at all')
    expect(await everythingStored(database)).toEqual(before)
  })

  it('releases nothing if an order cannot be read, or the records end early', async () => {
    const { service, userId, database } = await oneUser()
    await service.hold(userId, randomUUID(), 100)
    const before = await everythingStored(database)
    const unreadable = reconcile(service, userId, [randomUUID(), 'unheard of', 1])
    await expect(unreadable).rejects.toThrow(/^not a valid record of order-service: .* \(status\)$/)
    async function* cut() {
      yield { kind: 'user-copy' }
      throw new Error('cut short')
    }
    const reconciled = reconcileHolds({ database, system: realSystem }, cut())
    await expect(collect(reconciled)).rejects.toThrow('cut short')
    expect(await everythingStored(database)).toEqual(before)
  })

  it('works on any number of orders, in transactions that write a thousand rows at most', async () => {
    const { service, userId, database } = await oneUser(10_000)
    const gone = await storeHolds(database, userId, 1_500)
    const kept = await storeHolds(database, userId, 1_500)
    const lacking = Array.from({ length: 1_500 }, () => randomUUID())
    const counted = countWrites()
    const orders = [...kept, ...lacking].map((id): [string, string, number] => [id, 'confirmed', 1])

    const reconciled = await reconcile({ ...service, database: counted.wrap(database) }, userId, ...orders)

    const outcomes = Object.groupBy(reconciled, ({ outcome }) => outcome)
    expect(outcomes.released?.map(({ orderId }) => orderId)).toEqual(gone.sort())
    expect(outcomes.held?.map(({ orderId }) => orderId)).toEqual(lacking.sort())
    expect(await usersOutOfBalance(database)).toEqual([])
    expect(counted.maxRows()).toBeLessThanOrEqual(1_000)
    expect(await database.read.all('SELECT * FROM expected_holds')).toEqual([])
  })

  it('trusts nothing that an earlier run left when it was cut short', async () => {
    const { service, userId, database } = await oneUser()
    const [orderId, other] = [randomUUID(), randomUUID()]
    await service.hold(userId, orderId, 100)
    await database.write((tx) => tx.run('INSERT INTO expected_holds VALUES (?, ?, 100, 1)', orderId, userId))
    expect(await reconcile(service, userId, [other, 'pending', 100])).toMatchObject([{ orderId, outcome: 'released' }])
  })
})

async function storeHolds(database: Database, userId: string, count: number): Promise<string[]> {
  const orderIds = Array.from({ length: count }, () => randomUUID())
  await database.write(async (tx) => {
    for (const orderId of orderIds) await holdCredit(tx, realSystem, { orderId, userId, amountCents: 1 })
  })
  return orderIds
}
