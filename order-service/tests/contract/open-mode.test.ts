import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { httpTransport } from '@tandem/chassis/upstream/transport'
import { silentLog } from '@tandem/chassis/log'
import { realSystem as system } from '@tandem/chassis/system'
import { freePort } from '../../../chassis/testing/server'
import { afterThisTest, eventually, temporaryFolder } from '../../../chassis/testing/temporary'
import { readConfig as readUserConfig } from '../../../user-service/src/config'
import { startUserService } from '../../../user-service/src/start'
import { readConfig } from '../../src/config'
import { startOrderService } from '../../src/start'

const readme = readFileSync(join(__dirname, '../../../README.md'), 'utf8')
const section = /<!-- open-mode -->(.*)<!-- \/open-mode -->/s.exec(readme)?.[1] ?? ''
const commands = /^```sh\n(.*?)^```$/ms.exec(section)?.[1] ?? ''
const common = { version: '0.0.0', system, log: silentLog }

/** Both services in open mode, side by side. */
async function openServices(): Promise<{ users: number; orders: number }> {
  const folder = temporaryFolder()
  const orders = await freePort()
  const environment = { AUTH_MODE: 'open', SHUTDOWN_GRACE_MS: '0' }
  const userService = await startUserService({
    ...common,
    config: readUserConfig(
      {
        ...environment,
        PORT: '0',
        DATABASE_URL: 'sqlite:users.db',
        TRUSTED_SERVICES: `order-service=http://127.0.0.1:${orders}/.well-known/jwks.json`,
      },
      folder,
    ),
  })
  afterThisTest(() => userService.stop())
  const orderService = await startOrderService({
    ...common,
    connect: httpTransport,
    config: readConfig(
      {
        ...environment,
        PORT: String(orders),
        DATABASE_URL: 'sqlite:orders.db',
        USER_SERVICE_URL: `http://127.0.0.1:${userService.port}`,
      },
      folder,
    ),
  })
  afterThisTest(() => orderService.stop())
  return { users: userService.port, orders }
}

describe('Both services in open mode', () => {
  it('confirm the order of the README, for which order-service signs its calls and needs no name', async () => {
    const { users, orders } = await openServices()
    const script = commands.replaceAll(':3000', `:${users}`).replaceAll(':3001', `:${orders}`)
    const { stdout } = await promisify(execFile)('bash', ['-e', '-c', script])
    const order = JSON.parse(stdout) as { id: string; totalCents: number }
    expect(order).toMatchObject({ totalCents: 9998 })
    await eventually(async () => {
      const found = await fetch(`http://127.0.0.1:${orders}/orders/${order.id}`)
      return ((await found.json()) as { status: string }).status === 'confirmed'
    })
  })

  it('tell who orders without saying for whom that an admin must', async () => {
    const { orders } = await openServices()
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ items: [{ productId: 'keyboard', quantity: 2 }] })
    const answer = await fetch(`http://127.0.0.1:${orders}/orders`, { method: 'POST', headers, body })
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ errors: [{ pointer: '/userId' }] })
  })
})
