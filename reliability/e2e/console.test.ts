import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Browser, Page } from 'playwright-core'
import { tourSteps } from '../../console/src/tour/steps'
import { countsOf, faultOf, takeTour, tryConsole, unlock } from '../harness/console-story'
import { copyRepository, npmGatewayPort, NpmStart } from '../harness/npm-start'
import { compose, environment, ports, root, startStack } from '../harness/stack'
import { startBrowser } from '../harness/browser'

const gateway = `http://127.0.0.1:${ports.gateway}`
const maxScriptBytes = 100_000
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

afterEach(() => page.close())

async function openPage(options: Parameters<Browser['newPage']>[0] = {}): Promise<void> {
  page = await browser.newPage({ viewport: { width: 1440, height: 1000 }, ...options })
  elsewhere = []
  faults = []
  page.on('pageerror', ({ message }) => faults.push(message))
  page.on('console', (line) => line.text().includes('Content Security Policy') && faults.push(line.text()))
  page.on('request', (asked) => {
    if (!asked.url().startsWith('http://127.0.0.1:')) elsewhere.push(asked.url())
  })
}

const composeKey = async () => (await compose('exec', '-T', 'user-service', 'cat', '/data/admin-key')).trim()

const both = [tryConsole, takeTour]

async function showAll(stories: typeof both, options: Parameters<typeof tryConsole>[1]): Promise<void> {
  for (const story of stories) {
    await openPage()
    await story(page, options)
    await expectGoodEnd()
    await page.close()
  }
}

async function expectGoodEnd(): Promise<void> {
  const counts = await countsOf(page)
  expect(counts).toMatchObject({ pending: 0, lost: 0, doubled: 0 })
  expect(counts.confirmed).toBeGreaterThan(20)
  await page.locator('[data-promise][data-state=holds]').nth(3).waitFor() // they are not checked while a service is away
  expect({ elsewhere, faults }).toEqual({ elsewhere: [], faults: [] })
}

// With NIGHTLY both take both.
const [withCompose, withNpmStart] = process.env.NIGHTLY === undefined ? [[takeTour], [tryConsole]] : [both, both]

test('the console shows how orders survive what is broken from it, with Compose', async () => {
  await showAll(withCompose, { url: gateway, adminKey: await composeKey() })
})

test('the console shows how orders survive what is broken from it, with npm start', async () => {
  const repository = copyRepository()
  const npm = new NpmStart(repository.folder)
  try {
    await npm.prints('look at http://')
    const adminKey = readFileSync(join(repository.folder, 'data/admin-key'), 'utf8').trim()
    await showAll(withNpmStart, { url: `http://127.0.0.1:${npmGatewayPort}`, adminKey })
  } finally {
    await npm.interrupt()
    repository.remove()
  }
})

test('with the keyboard alone, one can sign up, order, cancel, and read the timeline', async () => {
  await openPage()
  await page.goto(gateway)
  const press = async (name: string | RegExp) => {
    const target = page.getByRole('button', { name }).first()
    await target.waitFor()
    for (let i = 0; i < 60; i += 1) {
      if (await target.evaluate((it) => it === it.ownerDocument.activeElement)) break
      await page.keyboard.press('Tab')
    }
    await page.keyboard.press('Enter')
  }
  await press('Sign up')
  await press(/^Order for/)
  await press('Cancel order')
  await page.locator('tr[data-status=cancelled]').waitFor()
  await press('Timeline of order')
  await page.locator('dialog li', { hasText: 'cancelled' }).waitFor()
  await page.keyboard.press('Escape')
  await page.locator('dialog').waitFor({ state: 'detached' })
  expect(await countsOf(page)).toMatchObject({ acknowledged: 1, cancelled: 1, lost: 0, doubled: 0 })
})

test('in open mode nothing is asked: the page sees and switches everything', async () => {
  environment.AUTH_MODE = 'open'
  try {
    await compose('up', '--wait')
    await openPage()
    await page.goto(gateway)
    await page.getByText('open mode: everything is allowed').waitFor()
    await page.getByRole('button', { name: 'Sign up' }).click()
    await page.getByRole('button', { name: 'Order for' }).click()
    await faultOf(page, 'user-service', 'Slow').click()
    await page.locator('.map', { hasText: 'a fault is switched on' }).waitFor()
    await faultOf(page, 'user-service', 'Slow').click()
    expect(faults).toEqual([])
  } finally {
    delete environment.AUTH_MODE
    await startStack()
  }
})

test('the tour has five steps, and shows the files it names', async () => {
  await openPage()
  await page.goto(gateway)
  await page.getByRole('button', { name: 'Take the tour' }).click()
  expect(tourSteps).toHaveLength(5)
  for (const [index, { title, code, test: proof }] of tourSteps.entries()) {
    await page.getByRole('heading', { name: `${index + 1} of 5: ${title}` }).waitFor()
    for (const file of [code, proof]) {
      await page.getByRole('button', { name: file, exact: true }).click()
      const text = readFileSync(join(root, file), 'utf8')
      await page.locator('dialog pre', { hasText: text.split('\n')[0]! }).waitFor()
      expect(await page.locator('dialog pre').textContent()).toBe(text)
      await page.getByRole('button', { name: 'Close' }).click()
    }
    if (index < 4) await page.getByRole('button', { name: 'Next' }).click()
  }
})

describe.each(['light', 'dark'] as const)('In a %s page', (colorScheme) => {
  test.each([
    ['wide', 1440],
    ['narrow', 360],
  ])('axe finds nothing, and nothing sticks out, where it is %s', async (_what, width) => {
    await openPage({ colorScheme, viewport: { width, height: 800 }, reducedMotion: 'reduce' })
    await page.goto(gateway)
    await page.getByRole('button', { name: 'Take the tour' }).click()
    await page.getByRole('button', { name: 'Sign up' }).click()
    await page.getByRole('button', { name: 'Order for' }).click()
    await page.locator('tr[data-status=confirmed]').first().waitFor()
    await unlock(page, await composeKey())
    await page.locator('.events li').first().waitFor()
    expect(await violations()).toEqual([])
    await page.locator('tr[data-order] button').first().click()
    await page.locator('.waterfall li').first().waitFor()
    expect(await violations()).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
  })
})

async function violations(): Promise<unknown> {
  await page.evaluate(readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8'))
  const found = await page.evaluate(`axe.run().then(({ violations }) =>
    violations.map(({ id, nodes }) => ({ id, where: nodes.map(({ html }) => html) })))`)
  return found
}

test('a user without a key sees no fault switches and no event logs, and the key is in no address', async () => {
  await openPage()
  await page.goto(gateway)
  await page.getByText('Unlock as administrator to read the event logs.').waitFor()
  expect(await page.locator('fieldset').count()).toBe(0)
  const addresses: string[] = []
  page.on('request', (asked) => addresses.push(asked.url()))
  const key = await composeKey()
  await unlock(page, key)
  await page.locator('fieldset').first().waitFor()
  expect(addresses.length).toBeGreaterThan(0)
  expect(addresses.filter((address) => address.includes(key))).toEqual([])
  await page.reload()
  await page.getByRole('button', { name: 'Lock', exact: true }).click()
  expect(await page.evaluate('JSON.stringify([sessionStorage, localStorage])')).toBe('[{},{}]')
})

test('a wrong key is refused, and says so', async () => {
  await openPage()
  await page.goto(gateway)
  await page.getByRole('button', { name: 'Unlock as administrator' }).click()
  await page.getByLabel("Administrator's key").fill('nonsense')
  await page.getByRole('button', { name: 'Unlock', exact: true }).click()
  await page.getByText('the key is not known').waitFor()
})

test('the page says when a service or the gateway does not respond, and when it does again', async () => {
  await openPage()
  await page.goto(gateway)
  await page.locator('[data-box="user-service"][data-state=up]').waitFor()
  try {
    await compose('stop', 'user-service')
    await page.locator('[data-box="user-service"][data-state=down]').waitFor()
    await compose('stop', 'gateway')
    await page.getByRole('alert').filter({ hasText: 'The gateway does not respond' }).waitFor()
  } finally {
    await startStack()
  }
  await page.locator('[data-box="user-service"][data-state=up]').waitFor()
  expect(await page.getByRole('alert').count()).toBe(0)
})

test('the scripts of the page are at most 100 kB, compressed', async () => {
  await openPage()
  const scripts: Promise<Buffer>[] = []
  page.on('response', (response) => {
    if (response.url().endsWith('.js')) scripts.push(response.body())
  })
  await page.goto(gateway)
  await page.getByRole('button', { name: 'Sign up' }).waitFor()
  const bytes = (await Promise.all(scripts)).reduce((sum, script) => sum + gzipSync(script).length, 0)
  expect(bytes).toBeGreaterThan(1000)
  expect(bytes).toBeLessThan(maxScriptBytes)
  console.log(`the console's scripts: ${bytes} bytes, compressed`)
})
