import { randomUUID } from 'node:crypto'
import { copyFileSync, mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { audit } from '../audit/audit'
import { certain } from '../audit/certain'
import { collectOrderRecords, collectUserRecords } from '../audit/records'
import { askPort } from '../harness/ask'
import { commandsOf } from '../harness/commands'
import { root, type ServiceName } from '../harness/compose-stack'
import { eventually, pause } from '../harness/eventually'
import { runInBash } from '../harness/run-in-bash'

const gatewayPort = 3161
const keyboardCents = 4999
const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('COMPOSE_'))
const env = {
  ...Object.fromEntries(inherited),
  COMPOSE_PROJECT_NAME: 'tandem-scale-back-up',
  COMPOSE_DISABLE_ENV_FILE: '1',
  GATEWAY_PORT: String(gatewayPort),
}
const folder = mkdtempSync(join(tmpdir(), 'tandem-e2e-'))
const run = (script: string) => runInBash(script.replaceAll('backup', folder), { cwd: root, env })
const compose = (command: string) => run(`docker compose -f docker-compose.scale.yml ${command}`)
const scripts = commandsOf('docs/operating.md', 'back-up at scale').map(({ script }) => script)
const [backUpOrders = '', backUpUsers = '', restoreOrders = '', restoreUsers = '', reconcileAndStart = ''] = scripts

beforeAll(() => compose('up --build --wait'), 300_000)
afterAll(async () => {
  await compose('down --volumes --rmi local')
  rmSync(folder, { recursive: true })
}, 60_000)

interface Asked {
  method?: 'POST'
  token?: string
  body?: object
}

function ask(service: ServiceName, path: string, asked: Asked = {}) {
  return askPort(gatewayPort, { ...asked, path: `/${service}${path}`, key: randomUUID() })
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

/** What the audit finds, each time that it looks, although nothing is under way. */
async function findings(): Promise<string[]> {
  const look = async () => {
    const users = await collectUserRecords(printedBy('user-service'))
    const orders = await collectOrderRecords(printedBy('order-service'))
    return audit({ users, orders }, { settled: true })
  }
  const report = await certain(look, () => pause(1000))
  return report.findings.map(({ message }) => message)
}

async function* printedBy(service: ServiceName): AsyncGenerator {
  const printed = await compose(`exec -T ${service} node ${service}/dist/operations/cli.js print-records`)
  yield* printed
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)
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
  expect(await findings()).toEqual([])
}, 240_000)

test('a restored database of users holds again what confirmed orders lack, and stays closed to the other role', async () => {
  const ada = await signUp()
  await run(backUpUsers)
  const order = await ada.place()

  await run(restoreUsers)
  const said = await run(reconcileAndStart)

  expect(said).toContain(`held: ${keyboardCents} cents of user ${ada.id} for order ${order}`)
  expect(await ada.credit()).toBe(100_000 - keyboardCents)
  const copied = async () => (await ada.order(await ada.place())).body.user?.name === 'Ada' || undefined
  await eventually(20_000, 'order-service has followed the restored feed from its start', copied)
  expect(await findings()).toEqual([])
  const acl = `SELECT has_database_privilege('orders', 'users', 'CONNECT')`
  expect(await compose(`exec -T postgres psql -U postgres -tAc "${acl}"`)).toBe('f\n')
}, 240_000)
