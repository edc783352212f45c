import { setTimeout as pause } from 'node:timers/promises'
import type { Locator, Page } from 'playwright-core'

const settledWithinMs = 60_000

interface Options {
  url: string
  adminKey: string
  /** Is called when there is something to see. */
  see?: (step: string) => Promise<void>
}

/**
 * Tries the console as a new user would: signs up, orders, freezes user-service, sees the circuit open and orders wait, thaws
 * it, and sees all of them settle. Throws if something does not come to be seen.
 */
export async function tryConsole(page: Page, { url, adminKey, see = async () => undefined }: Options): Promise<void> {
  await page.goto(url)
  await page.getByRole('button', { name: 'Sign up' }).click()
  await button(page, 'Order for').click()
  await page.locator('tr[data-status=confirmed]').first().waitFor()
  await see('first-order')

  await unlock(page, adminKey)
  await button(page, 'Start the stream').click()
  await page.locator('.map [data-box="order-service"]', { hasText: '1 replica' }).waitFor()
  await counts(page, 'confirmed', (confirmed) => confirmed > 20)
  await see('stream')

  await faultOf(page, 'user-service', 'Frozen').click()
  await page.locator('.map', { hasText: 'circuit open' }).waitFor({ timeout: 30_000 })
  await counts(page, 'pending', (pending) => pending > 10)
  await see('frozen')

  await faultOf(page, 'user-service', 'Frozen').click()
  await page.locator('.map', { hasText: 'circuit closed' }).waitFor({ timeout: settledWithinMs })
  await button(page, 'Stop the stream').click()
  await counts(page, 'pending', (pending) => pending === 0)
  await page.locator('[data-promise=credit][data-state=holds]').waitFor({ timeout: settledWithinMs })
  await see('settled')

  await page.locator('tr[data-order] button').first().click()
  await page.locator('.waterfall li.user-service').first().waitFor()
  await see('order')
  await button(page, 'Close').click()
}

/** Does what each step of the tour says, and sees that the page takes it as done. */
export async function takeTour(page: Page, { url, adminKey, see = async () => undefined }: Options): Promise<void> {
  const actions: readonly (() => Promise<unknown>)[] = [
    async () => {
      await page.getByRole('button', { name: 'Sign up' }).click()
      await button(page, 'Order for').click()
    },
    async () => {
      await button(page, 'Start the stream').click()
      await faultOf(page, 'order-service', 'Losing responses').click()
    },
    async () => {
      await faultOf(page, 'order-service', 'Losing responses').click()
      await faultOf(page, 'user-service', 'Frozen').click()
    },
    () => faultOf(page, 'user-service', 'Frozen').click(),
    async () => {
      const before = await uptimeOf(page, 'order-service')
      await faultOf(page, 'order-service', 'Crash').click()
      await until('order-service was started again', async () => (await uptimeOf(page, 'order-service')) < before)
      await button(page, 'Stop the stream').click()
    },
  ]
  await page.goto(url)
  await unlock(page, adminKey)
  await button(page, 'Take the tour').click()
  for (const [index, act] of actions.entries()) {
    await page.getByRole('heading', { name: `${index + 1} of ${actions.length}: ` }).waitFor()
    await act()
    await page.locator('.tour [role=status]', { hasText: 'done' }).waitFor({ timeout: settledWithinMs })
    await see(`tour-${index + 1}`)
    if (index < actions.length - 1) await button(page, 'Next').click()
  }
}

export async function unlock(page: Page, adminKey: string): Promise<void> {
  await button(page, 'Unlock as administrator').click()
  await page.getByLabel("Administrator's key").fill(adminKey)
  await page.getByRole('button', { name: 'Unlock', exact: true }).click()
  await page.getByRole('button', { name: 'Lock', exact: true }).waitFor()
}

export function faultOf(page: Page, service: string, name: string): Locator {
  return page.locator('fieldset', { hasText: service }).getByRole('button', { name })
}

/** The figures of the page that count its orders. */
export async function countsOf(page: Page): Promise<Record<string, number>> {
  const all = await page.locator('[data-count]').all()
  const read = all.map(async (count) => [
    await count.getAttribute('data-count'),
    Number((await count.locator('dd').innerText()).replaceAll(',', '')),
  ])
  return Object.fromEntries(await Promise.all(read)) as Record<string, number>
}

/** In seconds, of the replica that was seen last. */
async function uptimeOf(page: Page, service: string): Promise<number> {
  return Number(await page.locator(`tr[data-replica-of=${service}]`).first().getAttribute('data-uptime'))
}

function counts(page: Page, name: string, isReached: (count: number) => boolean): Promise<void> {
  return until(`so many ${name} orders`, async () => isReached((await countsOf(page))[name] ?? Number.NaN))
}

async function until(what: string, isReached: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + settledWithinMs
  while (!(await isReached())) {
    if (Date.now() > deadline) throw new Error(`timed out: ${what}`)
    await pause(200)
  }
}

function button(page: Page, name: string): Locator {
  return page.getByRole('button', { name })
}
