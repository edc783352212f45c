import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startService } from '@tandem/chassis/service/start-service'
import { silentLog } from '@tandem/chassis/log'
import { realSystem as system } from '@tandem/chassis/system'
import { freePort } from '../../../chassis/testing/server'
import { afterThisTest, eventually, temporaryFolder } from '../../../chassis/testing/temporary'
import { databaseUrlIn } from '../../../chassis/testing/temporary-database'
import { readConfig as readUserConfig } from '../../../user-service/src/config'
import { userService } from '../../../user-service/src/service'
import { readConfig } from '../../src/config'
import { orderService } from '../../src/service'

const root = join(__dirname, '../../..')
const docs = readFileSync(join(root, 'docs/configuration.md'), 'utf8')
const section = /<!-- commands: open-mode -->(.*)<!-- \/commands -->/s.exec(docs)?.[1] ?? ''
const [, placeOrder = ''] = [...section.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, script = '']) => script)
const common = { version: '0.0.0', system, log: silentLog }

/** Both services in open mode, side by side. */
async function openServices(): Promise<{ users: number; orders: number }> {
  const [usersFolder, ordersFolder] = [temporaryFolder(), temporaryFolder()]
  const orders = await freePort()
  const environment = { AUTH_MODE: 'open', SHUTDOWN_DELAY_MS: '0', SHUTDOWN_GRACE_MS: '0' }
  const userConfig = readUserConfig(
    {
      ...environment,
      PORT: '0',
      DATABASE_URL: await databaseUrlIn(usersFolder),
      ADMIN_KEY_FILE: join(usersFolder, 'admin-key'),
      TRUSTED_SERVICES: `order-service=http://127.0.0.1:${orders}/.well-known/jwks.json`,
    },
    usersFolder,
  )
  const users = await startService({ ...common, definition: userService(userConfig), config: userConfig })
  afterThisTest(() => users.stop())
  const config = readConfig(
    {
      ...environment,
      PORT: String(orders),
      DATABASE_URL: await databaseUrlIn(ordersFolder),
      USER_SERVICE_URL: `http://127.0.0.1:${users.port}`,
    },
    ordersFolder,
  )
  const running = await startService({ ...common, definition: orderService(config), config })
  afterThisTest(() => running.stop())
  return { users: users.port, orders }
}

describe('Both services in open mode', () => {
  it('confirm the order of the docs without a token, and order-service signs its own calls', async () => {
    const { users, orders } = await openServices()
    const env = { ...process.env, USER_SERVICE_PORT: String(users), ORDER_SERVICE_PORT: String(orders) }
    const { stdout } = await promisify(execFile)('bash', ['-e', '-c', placeOrder], { cwd: root, env })
    const order = JSON.parse(stdout) as { id: string; totalCents: number }
    expect(order).toMatchObject({ totalCents: 4999 })
    await eventually(async () => {
      const found = await fetch(`http://127.0.0.1:${orders}/orders/${order.id}`)
      return ((await found.json()) as { status: string }).status === 'confirmed'
    })
  })

  it('return 400 to an order that names no user, as an admin must', async () => {
    const { orders } = await openServices()
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ items: [{ productId: 'keyboard', quantity: 2 }] })
    const answer = await fetch(`http://127.0.0.1:${orders}/orders`, { method: 'POST', headers, body })
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ errors: [{ pointer: '/userId' }] })
  })
})
