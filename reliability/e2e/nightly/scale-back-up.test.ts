import { randomUUID } from 'node:crypto'
import { copyFileSync, mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { commandsOf } from '../../harness/commands'
import { root } from '../../harness/compose-project'
import type { ServiceName } from '../../harness/compose-stack'
import { eventually } from '../../harness/eventually'
import { runInBash } from '../../harness/run-in-bash'
import { scaleStack } from '../../harness/scale-stack'

const keyboardCents = 4999
const stack = scaleStack({ project: 'tandem-scale-back-up', gatewayPort: 3161 })
const folder = mkdtempSync(join(tmpdir(), 'tandem-e2e-'))
const run = (script: string) => runInBash(script.replaceAll('backup', folder), { cwd: root, env: stack.environment })
const scripts = commandsOf('docs/operating.md', 'back-up at scale').map(({ script }) => script)
const [backUpOrders = '', backUpUsers = '', restoreOrders = '', restoreUsers = '', reconcileAndStart = ''] = scripts

beforeAll(() => stack.compose('up', '--build', '--wait'), 300_000)
afterAll(async () => {
  await stack.removeStack()
  rmSync(folder, { recursive: true })
}, 60_000)

interface Asked {
  method?: 'POST'
  token?: string
  body?: object
}

function ask(service: ServiceName, path: string, asked: Asked = {}) {
  return stack.ask(service, { ...asked, path, key: randomUUID() })
}

async function signUp() {
  const body = { name: 'Ada', email: `${randomUUID()}@example.com` }
  const { body: user } = await ask('user-service', '/users', { method: 'POST', body })
  const { body: got } = await ask('user-service', '/tokens', { method: 'POST', token: user.apiKey })
  const token: string = got.accessToken
  return {
    id: user.id as string,
    credit: async () => (await ask('user-service', `/users/${user.id}`, { token })).body.creditCents as number,
    place: async (): Promise<string> => {
      const body = { items: [{ productId: 'keyboard', quantity: 1 }] }
      const order = await ask('order-service', '/orders', { method: 'POST', token, body })
      expect(order.status).toBe(201)
      return order.body.id
    },
    order: (id: string) => ask('order-service', `/orders/${id}`, { token }),
    cancel: (id: string) => ask('order-service', `/orders/${id}/cancel`, { method: 'POST', token }),
  }
}

test('a restored database of orders is reconciled with the credit of now, and the audit finds nothing', async () => {
  const ada = await signUp()
  const [kept, cancelled] = [await ada.place(), await ada.place()]
  await run(backUpOrders)
  await run(backUpUsers)
  for (const name of ['orders', 'users']) expect(statSync(join(folder, `${name}.dump`)).mode & 0o777).toBe(0o600)
  await ada.cancel(cancelled)
  const after = await ada.place()

  const restoreNow = (script: string) => script.split('&&\n').at(-1)!.trim()
  await expect(run(restoreNow(restoreOrders))).rejects.toThrow('database "orders" is being accessed by other users')
  await expect(run('npm run reconcile -- --scale')).rejects.toThrow(/the database is in use by order-service \(/)
  copyFileSync(join(folder, 'orders.dump'), join(folder, 'half.dump'))
  truncateSync(join(folder, 'half.dump'), statSync(join(folder, 'half.dump')).size - 1000)
  await expect(run(restoreOrders.replaceAll('orders.dump', 'half.dump'))).rejects.toThrow('pg_restore: error')
  expect(await stack.rowsOf('order-service', 'SELECT COUNT(*) AS orders FROM orders')).toEqual([{ orders: 3 }])
  await run(restoreOrders)
  const said = await run(reconcileAndStart)

  expect(said).toContain(`order ${cancelled} will be cancelled`)
  expect(said).toContain(`released: ${keyboardCents} cents of user ${ada.id} for order ${after}`)
  await eventually(20_000, 'the order is cancelled', async () => {
    return (await ada.order(cancelled)).body.status === 'cancelled' || undefined
  })
  expect((await ada.order(kept)).body).toMatchObject({ status: 'confirmed', user: { name: 'Ada' } })
  expect((await ada.order(after)).status).toBe(404)
  expect(await ada.credit()).toBe(100_000 - keyboardCents)
  expect(await run('npm run audit -- --scale --settled')).toContain('0 findings in what docker-compose.scale.yml runs')
}, 240_000)

test('a restored database of users holds again what confirmed orders lack, and both stay closed to the other role', async () => {
  const ada = await signUp()
  await run(backUpUsers)
  const order = await ada.place()

  await run(restoreUsers)
  const said = await run(reconcileAndStart)

  expect(said).toContain(`held: ${keyboardCents} cents of user ${ada.id} for order ${order}`)
  expect(await ada.credit()).toBe(100_000 - keyboardCents)
  const copied = async () => (await ada.order(await ada.place())).body.user?.name === 'Ada' || undefined
  await eventually(20_000, 'order-service has followed the restored feed from its start', copied)
  expect(await run('npm run audit -- --scale --settled')).toContain('0 findings in what docker-compose.scale.yml runs')
  const access = `SELECT has_database_privilege('orders', 'users', 'CONNECT') AS "ofUsers",
                  has_database_privilege('users', 'orders', 'CONNECT') AS "ofOrders"`
  expect(await stack.rowsOf('order-service', access)).toEqual([{ ofUsers: false, ofOrders: false }])
}, 240_000)
