import { join } from 'node:path'
import { temporaryFolder } from '../../../chassis/testing/temporary'
import { temporaryDatabase } from '../../../chassis/testing/temporary-database'
import { migrations as orderMigrations } from '../../../order-service/src/database/migrations'
import { advance, type OrderEvent } from '../../../order-service/src/orders/advance'
import type { Order } from '../../../order-service/src/orders/order'
import { insertOrder, moveOrder } from '../../../order-service/src/orders/order-store'
import { readRecords as readOrderRecords } from '../../../order-service/src/operations/records-store'
import { userEventHandlers } from '../../../order-service/src/orders/on-user-events'
import { addCredit, insertDeposit } from '../../../user-service/src/credit/deposit-store'
import { releaseCredit, holdCredit } from '../../../user-service/src/credit/hold-store'
import { migrations as userMigrations } from '../../../user-service/src/database/migrations'
import { readRecords as readUserRecords } from '../../../user-service/src/operations/records-store'
import type { User } from '../../../user-service/src/users/user'
import { deleteUser } from '../../../user-service/src/accounts/delete-user'
import { insertUser, updateUser } from '../../../user-service/src/users/user-store'
import { applyEvents } from '@tandem/chassis/following/apply-events'
import { realSystem as system, timestamp } from '@tandem/chassis/system'
import { collectOrderRecords, collectUserRecords, type OrderRecords, type UserRecords } from '../../audit/records'

/**
 * What both services have after a day's work. Ada was renamed once and has a second deposit; of her orders one each is
 * confirmed, cancelled after it was confirmed, cancelled before, and rejected. Bob was deleted after he had ordered.
 */
export async function rightDatabases() {
  const folders = { users: temporaryFolder(), orders: temporaryFolder() }
  const users = await temporaryDatabase(userMigrations, { folder: folders.users })
  const orders = await temporaryDatabase(orderMigrations, { folder: folders.orders })

  const signUp = (name: string): Promise<User> =>
    users.write(async (tx) => {
      const user = { id: system.newId(), name, email: `${name}@example.com`, creditCents: 1000, version: 1, ...times() }
      const { id: userId, creditCents } = user
      await insertUser(tx, system, user)
      await insertDeposit(tx, { id: system.newId(), userId, amountCents: 1000, creditCents, createdAt: user.createdAt })
      return user
    })
  const order = async (userId: string, totalCents: number, idempotencyKey: string): Promise<Order> => {
    const placed: Order = {
      id: system.newId(),
      userId,
      items: [],
      totalCents,
      status: 'pending',
      reason: null,
      ...times(),
    }
    const placement = { callerId: userId, idempotencyKey, requestHash: '' }
    await orders.write((tx) => insertOrder(tx, system, placed, placement))
    return placed
  }
  const hold = ({ id: orderId, userId, totalCents: amountCents }: Order) =>
    users.write((tx) => holdCredit(tx, system, { orderId, userId, amountCents }))
  const release = ({ id: orderId, userId }: Order) =>
    users.write((tx) => releaseCredit(tx, system, { orderId, userId }))
  const move = (from: Order, event: OrderEvent) =>
    orders.write(async (tx) => (await moveOrder(tx, system, from, advance(from, event)!))!)

  const [ada, bob] = [await signUp('Ada'), await signUp('Bob')]
  await users.write(async (tx) => {
    await updateUser(tx, system, ada, { ...ada, name: 'Countess', version: 2 })
    const creditCents = (await addCredit(tx, ada.id, 500))!
    const deposit = { id: system.newId(), userId: ada.id, amountCents: 500, creditCents, createdAt: timestamp(system) }
    await insertDeposit(tx, deposit, { callerId: 'admin', idempotencyKey: 'deposit-1' })
  })

  const [confirmed, regretted, hasty, dear, ofBob] = [
    await order(ada.id, 300, 'confirmed'),
    await order(ada.id, 200, 'regretted'),
    await order(ada.id, 100, 'hasty'),
    await order(ada.id, 9999, 'dear'),
    await order(bob.id, 400, 'of-bob'),
  ]
  for (const placed of [confirmed, regretted, dear, ofBob]) await hold(placed)
  await move(confirmed, { kind: 'credit-held' })
  await move(ofBob, { kind: 'credit-held' })
  await move(dear, { kind: 'refused', reason: 'insufficient-credit' })
  const regret = await move(await move(regretted, { kind: 'credit-held' }), { kind: 'abandoned', reason: 'requested' })
  const haste = await move(hasty, { kind: 'abandoned', reason: 'timed-out' })
  for (const cancelling of [regret, haste]) {
    await release(cancelling)
    await move(cancelling, { kind: 'credit-released' })
  }
  await deleteUser({ database: users, system }, bob.id, undefined)

  const { events: log } = await collectUserRecords(readUserRecords(users.read))
  const handlers = userEventHandlers({ system, metrics: { moved: () => undefined } })
  const events = log.map((event) => ({ ...event, specversion: '1.0' as const }))
  await orders.write((tx) => applyEvents(tx, { feed: 'user-service', from: undefined, events, handlers }))
  return { users, orders, files: { users: join(folders.users, 'test.db'), orders: join(folders.orders, 'test.db') } }
}

export async function rightRecords(): Promise<{ users: UserRecords; orders: OrderRecords }> {
  const { users, orders } = await rightDatabases()
  return {
    users: await collectUserRecords(readUserRecords(users.read)),
    orders: await collectOrderRecords(readOrderRecords(orders.read)),
  }
}

function times() {
  return { createdAt: timestamp(system), updatedAt: timestamp(system) }
}
