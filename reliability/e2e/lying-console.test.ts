import type { Browser } from 'playwright-core'
import type { Lies } from '../../console/tests/support/fake-services'
import { startBrowser } from '../harness/browser'
import { countsOf } from '../harness/console-story'
import { buildConsole, serveFakeConsole } from '../harness/fake-console'

let browser: Browser

beforeAll(async () => {
  buildConsole()
  browser = await startBrowser()
})

afterAll(() => browser.close())

test.each<[string, Lies, string[], Record<string, number>]>([
  ['loses one', { loses: (order) => order === 2 }, ['lost', 'credit'], { lost: 1, doubled: 0 }],
  ['makes one twice', { doubles: (order) => order === 2 }, ['doubled', 'credit'], { lost: 0, doubled: 1 }],
  ['takes a cent too much', { overcharges: 1 }, ['credit'], { lost: 0, doubled: 0 }],
])('the console turns red with a service that %s', async (_what, lies, broken, counts) => {
  const { url, close } = await serveFakeConsole(lies)
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
    close()
  }
})

test('no row of the console is green while orders cannot be listed', async () => {
  const { url, close } = await serveFakeConsole({ listsNothing: true })
  const page = await browser.newPage()
  try {
    await page.goto(url)
    await page.getByRole('button', { name: 'Sign up' }).click()
    await page.getByRole('button', { name: 'Order for' }).click()
    await page.getByText('Not checked just now').waitFor()
    expect(await countsOf(page)).toMatchObject({ acknowledged: 1 })
    expect(await page.locator('[data-promise][data-state=wait]').count()).toBe(4)
  } finally {
    await page.close()
    close()
  }
})
