import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { freePort, temporaryServer } from '../../chassis/testing/server'
import { temporaryFolder } from '../../chassis/testing/temporary'
import { run } from './support/command'
import { root } from './support/small-repository'

/** A clone in which nothing was installed. */
function cloneOnly(): string {
  const folder = temporaryFolder()
  for (const name of ['package.json', 'scripts', 'chassis/src']) {
    cpSync(join(root, name), join(folder, name), { recursive: true })
  }
  return folder
}

async function demo(environment: Record<string, string>): Promise<string> {
  const command = run(cloneOnly(), [process.execPath, 'scripts/demo.mjs'], environment)
  expect(await command.code).toBe(1)
  return command.errors()
}

/** Says that it is the service. */
const service = (name: string) => temporaryServer((_req, res) => res.end(JSON.stringify({ service: name })))

describe('npm run demo', () => {
  it('runs in a clone where nothing is installed', async () => {
    const port = String(await freePort())
    expect(await demo({ USER_SERVICE_PORT: port })).toBe(
      `demo: no user-service at http://127.0.0.1:${port}: nothing responds. Start it with \`docker compose up --build\` or \`npm start\`.\n`,
    )
  })

  it('asks the services directly if the environment names a proxy', async () => {
    const [users, orders] = await Promise.all([service('user-service'), service('order-service')])
    const ports = { USER_SERVICE_PORT: String(users.port), ORDER_SERVICE_PORT: String(orders.port) }
    const proxy = { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: 'http://127.0.0.1:9', http_proxy: 'http://127.0.0.1:9' }
    // It finds both, and then what runs them: neither Compose nor npm start.
    expect(await demo({ ...ports, ...proxy })).toMatch(/was not started by Compose|needs `lsof`/)
  })
})
