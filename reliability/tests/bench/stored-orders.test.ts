import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { temporaryFolder } from '../../../chassis/testing/temporary'
import { migrations as ofOrders } from '../../../order-service/src/database/migrations'
import { migrations as ofUsers } from '../../../user-service/src/database/migrations'
import { deepOrder, fillWithOrders } from '../../bench/fill'
import { whenConfirmed } from '../../bench/stored-orders'

const user = '0190f3c4-7b1a-7c3e-8d2f-0123456789ab'
const count = 20_010 // more than are written at a time

async function filled() {
  const folder = temporaryFolder()
  const files = { orders: join(folder, 'orders.db'), users: join(folder, 'users.db') }
  const migrate = (file: string, migrations: typeof ofOrders) => {
    const database = new DatabaseSync(file)
    for (const { sql, only } of migrations) if (only !== 'postgres') database.exec(sql)
    return database
  }
  const [orders, users] = [migrate(files.orders, ofOrders), migrate(files.users, ofUsers)]
  await fillWithOrders(files, count, user)
  const close = () => [orders, users].forEach((database) => database.close())
  return { files, orders, users, close }
}

test('each stored order has its two steps, its two events in order, and its hold', async () => {
  const { files, orders, users, close } = await filled()
  const one = (database: DatabaseSync, sql: string) => Object.values(database.prepare(sql).get() ?? {})
  expect(one(orders, 'SELECT COUNT(*), COUNT(DISTINCT id) FROM orders')).toEqual([count, count])
  expect(one(orders, 'SELECT COUNT(*) FROM orders WHERE user_id = ' + `'${user}'`)).toEqual([count / 2])
  expect(one(orders, 'SELECT COUNT(*), COUNT(DISTINCT order_id) FROM order_steps')).toEqual([2 * count, count])
  expect(one(orders, 'SELECT MIN(sequence), MAX(sequence), COUNT(*) FROM events')).toEqual([1, 2 * count, 2 * count])
  const wrong = 'SELECT COUNT(*) FROM events a JOIN events b ON b.subject = a.subject AND b.sequence < a.sequence'
  expect(one(orders, `${wrong} WHERE a.type = 'order.pending' OR a.id < b.id`)).toEqual([0])
  expect(one(users, "SELECT COUNT(*) FROM holds WHERE state = 'held'")).toEqual([count])

  const deep = deepOrder(files.orders, count, user)
  const older = `SELECT COUNT(*) FROM orders WHERE user_id = '${user}' AND id < '${deep}'`
  expect(one(orders, older)).toEqual([1000]) // a tenth of the user's
  close()
})

test('orders that are missing, or not confirmed, are noticed', async () => {
  const { files, orders, close } = await filled()
  await whenConfirmed(files.orders, count)
  await expect(whenConfirmed(files.orders, count + 1)).rejects.toThrow(
    `${count + 1} orders were acknowledged, but ${count} are stored`,
  )
  orders.exec("UPDATE orders SET status = 'pending', due_at = 1 WHERE id IN (SELECT id FROM orders LIMIT 2)")
  const notConfirmed = `2 of ${count} orders were not confirmed`
  await expect(whenConfirmed(files.orders, count, 0)).rejects.toThrow(notConfirmed)

  const settled = whenConfirmed(files.orders, count)
  orders.exec("UPDATE orders SET status = 'confirmed', due_at = NULL WHERE status = 'pending'")
  await settled
  close()
})
