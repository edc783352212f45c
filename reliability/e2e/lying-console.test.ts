import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import type { Browser } from 'playwright-core'
import { FakeServices, type Lies } from '../../console/tests/support/fake-services'
import { countsOf } from '../harness/console-story'
import { root } from '../harness/stack'
import { startBrowser } from './support/browser'

const dist = join(root, 'console/dist')
const types: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}
let browser: Browser

beforeAll(async () => {
  execFileSync('npm', ['run', 'build', '-w', '@tandem/console'], { cwd: root, stdio: 'ignore' })
  browser = await startBrowser()
})

afterAll(() => browser.close())

/** The console in front of services that lie about orders. */
async function serveLies(lies: Lies) {
  const services = new FakeServices(lies)
  const server = createServer((req, res) => {
    const path = req.url ?? '/'
    const file = join(dist, path === '/' ? 'index.html' : path)
    if (!path.includes('-service/') && existsSync(file)) {
      res.setHeader('Content-Type', types[extname(file)] ?? '').end(readFileSync(file))
      return
    }
    const token = (req.headers.authorization ?? '').replace('Bearer ', '')
    const key = String(req.headers['idempotency-key'] ?? '')
    const { status, body } = services.respond({ method: req.method ?? '', path, token, key })
    if (status === 0) res.destroy()
    else res.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

test.each<[string, Lies, string[], Record<string, number>]>([
  ['loses one', { loses: (order) => order === 2 }, ['lost', 'credit'], { lost: 1, doubled: 0 }],
  ['makes one twice', { doubles: (order) => order === 2 }, ['doubled', 'credit'], { lost: 0, doubled: 1 }],
  ['takes a cent too much', { overcharges: 1 }, ['credit'], { lost: 0, doubled: 0 }],
])('the console turns red with a service that %s', async (_what, lies, broken, counts) => {
  const { server, url } = await serveLies(lies)
  const page = await browser.newPage()
  try {
    await page.goto(url)
    await page.getByRole('button', { name: 'Sign up' }).click()
    for (let i = 0; i < 3; i += 1) await page.getByRole('button', { name: 'Order for' }).click()
    for (const row of broken) await page.locator(`[data-promise=${row}][data-state=broken]`).waitFor()
    expect(await page.locator('[data-state=broken]').count()).toBe(broken.length)
    expect(await countsOf(page)).toMatchObject({ acknowledged: 3, ...counts })
  } finally {
    await page.close()
    server.close()
    server.closeAllConnections()
  }
})
