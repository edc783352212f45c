import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { freePort, temporaryServer } from '../../../chassis/testing/server'
import { afterThisTest, temporaryFolder } from '../../../chassis/testing/temporary'
import { askPort } from '../../harness/ask'
import { eventually } from '../../harness/eventually'

async function startFloor(role: string, file: string, ...args: string[]): Promise<number> {
  const port = await freePort()
  const script = join(__dirname, '../../bench/yardsticks/floor.mjs')
  const child = spawn(process.execPath, [script, role, String(port), file, ...args], { stdio: 'ignore' })
  const ended = once(child, 'exit')
  afterThisTest(async () => {
    child.kill()
    await ended
  })
  await eventually(10_000, 'the yardstick is ready', async () =>
    askPort(port, { path: '/health/ready' }).then(
      () => true,
      () => undefined,
    ),
  )
  return port
}

function onDisk(file: string, sql: string): unknown[] {
  const database = new DatabaseSync(file, { readOnly: true })
  const rows = database.prepare(sql).all()
  database.close()
  return rows.map((row) => ({ ...row }))
}

const order = { userId: 'ada', items: [{ productId: 'cable', quantity: 2 }] }

test('the order is on disk before the user service is called, and the outcome before the response', async () => {
  const file = join(temporaryFolder(), 'orders.db')
  const seen: unknown[] = []
  const { port: usersPort } = await temporaryServer((req, res) => {
    seen.push(req.method, onDisk(file, 'SELECT status, total_cents FROM orders'))
    res.end('{}')
  })
  const port = await startFloor('orders', file, String(usersPort))

  const { status, body } = await askPort(port, { method: 'POST', path: '/orders', body: order })

  expect(seen).toEqual(['PUT', [{ status: 'pending', total_cents: 2598 }]])
  expect(status).toBe(201)
  expect(onDisk(file, 'SELECT status FROM orders')).toEqual([{ status: 'confirmed' }])
  expect(onDisk(file, 'SELECT type, order_id FROM events')).toEqual([{ type: 'order.confirmed', order_id: body.id }])
  expect(await askPort(port, { path: `/orders/${body.id}` })).toMatchObject({ status: 200, body })
})

test('the hold is on disk before the user service responds', async () => {
  const file = join(temporaryFolder(), 'users.db')
  const port = await startFloor('users', file)

  const { status } = await askPort(port, { method: 'PUT', path: '/users/ada/holds/1', body: { amountCents: 5 } })

  expect(status).toBe(200)
  expect(onDisk(file, 'SELECT * FROM holds')).toEqual([{ order_id: '1', user_id: 'ada', amount_cents: 5 }])
})

test('an order that cannot be stored does not reach the user service', async () => {
  const file = join(temporaryFolder(), 'orders.db')
  const asked: unknown[] = []
  const { port: usersPort } = await temporaryServer((req, res) => {
    asked.push(req.method)
    res.end('{}')
  })
  const port = await startFloor('orders', file, String(usersPort))
  await askPort(port, { method: 'POST', path: '/orders', body: order }) // opens the connection to the user service

  const locker = locked(file)
  await expect(askPort(port, { method: 'POST', path: '/orders', body: order })).rejects.toThrow()
  await askPort(usersPort, { path: '/' }) // comes after whatever was sent before

  expect(asked).toEqual(['PUT', 'GET'])
  locker.close()
})

test('an outcome that cannot be stored does not reach the caller', async () => {
  const file = join(temporaryFolder(), 'orders.db')
  const lockers: DatabaseSync[] = []
  const { port: usersPort } = await temporaryServer((_req, res) => {
    lockers.push(locked(file))
    res.end('{}')
  })
  const port = await startFloor('orders', file, String(usersPort))

  await expect(askPort(port, { method: 'POST', path: '/orders', body: order })).rejects.toThrow()

  for (const locker of lockers) locker.close()
  expect(onDisk(file, 'SELECT status FROM orders')).toEqual([{ status: 'pending' }])
})

/** Nobody else can write to it. */
function locked(file: string): DatabaseSync {
  const database = new DatabaseSync(file)
  database.exec('BEGIN IMMEDIATE')
  return database
}
