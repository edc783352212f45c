import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { signUp } from '../harness/callers'
import { compose, environment, ports, startStack } from '../harness/stack'
import { startBrowser } from '../harness/browser'

const users = `http://127.0.0.1:${ports['user-service']}`
const orders = `http://127.0.0.1:${ports['order-service']}`
const throughGateway = `http://127.0.0.1:${ports.gateway}`
let browser: Browser
let page: Page
/** What the page asked for, outside of its own origin, and what went wrong in it. */
let elsewhere: string[]
let faults: string[]

beforeAll(async () => {
  browser = await startBrowser()
  await startStack()
})

afterAll(() => browser.close())

beforeEach(async () => {
  page = await browser.newPage()
  faults = []
  page.on('pageerror', ({ message }) => faults.push(message))
})

afterEach(() => page.close())

describe('/docs', () => {
  test.each([
    ['user-service', users],
    ['order-service', orders],
    ['user-service, through the gateway,', `${throughGateway}/user-service`],
    ['order-service, through the gateway,', `${throughGateway}/order-service`],
  ])('of %s shows every operation, and loads nothing from elsewhere', async (_service, url) => {
    elsewhere = []
    page.on('request', (asked) => new URL(asked.url()).origin === new URL(url).origin || elsewhere.push(asked.url()))
    page.on('console', (line) => line.type() === 'error' && faults.push(line.text()))
    await page.goto(`${url}/docs`)
    await page.locator('.opblock').first().waitFor()
    const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as { paths: Record<string, object> }
    const operations = Object.values(paths).flatMap((methods) => Object.keys(methods))
    expect(await page.locator('.opblock').count()).toBe(operations.length)
    expect(elsewhere.filter((it) => !it.startsWith('data:'))).toEqual([])
    expect(faults).toEqual([])
  })

  test.each([
    ['directly', users],
    ['through the gateway', `${throughGateway}/user-service`],
  ])('tries a request out with a token, %s', async (_how, url) => {
    const user = await signUp()
    await page.goto(`${url}/docs`)
    await page.locator('.btn.authorize').first().click()
    await page.locator('input[aria-label="auth-bearer-value"]').first().fill(user.token)
    await page.locator('.auth-btn-wrapper .btn.authorize').first().click()
    await page.locator('.btn-done').first().click()
    const operation = page.locator('#operations-users-getUser')
    await operation.locator('.opblock-summary-control').click()
    await operation.locator('.try-out__btn').click()
    await operation.locator('input[placeholder="id"]').fill(user.id)
    await operation.locator('.execute').click()
    const status = operation.locator('.live-responses-table .response-col_status').last()
    await status.waitFor()
    expect(await status.innerText()).toContain('200')
    expect(await operation.locator('.live-responses-table').innerText()).toContain('"name": "Ada"')
    expect(faults).toEqual([])
  })
})

describe('A page of another origin', () => {
  let other: Server
  let origin: string

  beforeAll(async () => {
    other = createServer((_req, res) => res.setHeader('Content-Type', 'text/html').end('<title>shop</title>'))
    other.listen(0, '127.0.0.1')
    await once(other, 'listening')
    origin = `http://127.0.0.1:${(other.address() as AddressInfo).port}`
  })

  afterAll(async () => {
    other.close()
    await startStack()
  })

  /** Signs up, gets a token, places an order and reads it, from the page. */
  const shop = async () => {
    await page.goto(origin)
    return page.evaluate(placeOrder, { users, orders }).catch((error: unknown) => String(error))
  }

  test('cannot call by default', async () => {
    expect(await shop()).toContain('Failed to fetch')
  })

  test('can place and read orders if CORS_ORIGINS lists it', async () => {
    environment.CORS_ORIGINS = origin
    try {
      await compose('up', '--wait')
      expect(await shop()).toEqual({ status: 201, location: expect.stringMatching(/^\/orders\//), total: 4999 })
    } finally {
      delete environment.CORS_ORIGINS
    }
  })
})

// Runs in the page.
async function placeOrder({ users, orders }: { users: string; orders: string }) {
  const json = { 'Content-Type': 'application/json' }
  const post = (url: string, body: object | undefined, headers: Record<string, string>) =>
    fetch(url, { method: 'POST', headers, ...(body && { body: JSON.stringify(body) }) })
  const email = `${crypto.randomUUID()}@example.com`
  const { apiKey } = await (await post(`${users}/users`, { name: 'Ada', email }, json)).json()
  const asked = await post(`${users}/tokens`, undefined, { Authorization: `Bearer ${apiKey}` })
  const authorization = { Authorization: `Bearer ${(await asked.json()).accessToken}` }
  const items = [{ productId: 'keyboard', quantity: 1 }]
  const placed = await post(`${orders}/orders`, { items }, { ...json, ...authorization })
  const location = placed.headers.get('Location')
  const order = await (await fetch(`${orders}${location}`, { headers: authorization })).json()
  return { status: placed.status, location, total: order.totalCents }
}
