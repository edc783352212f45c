import { startBrowser } from '../harness/browser'
import { buildConsole, serveFakeConsole } from '../harness/fake-console'
import { readArguments } from '../../scripts/read-arguments.mjs'

const usage = `Usage: npm run measure-console

Leaves the console open for an hour of a faster clock, with five orders a second, in front of services in memory, and
prints what memory it holds. Needs chromium, and takes some minutes.`
readArguments({ name: 'measure-console', usage })

const minutes = 60
const every = 10

async function main(): Promise<void> {
  buildConsole()
  const browser = await startBrowser()
  const { url, close } = await serveFakeConsole()
  try {
    const page = await browser.newPage()
    const session = await page.context().newCDPSession(page)
    await page.clock.install()
    await page.goto(url)
    await page.clock.runFor(1000)
    await page.getByRole('button', { name: 'Start the stream' }).click()
    for (let minute = 1; minute <= minutes; minute += 1) {
      for (let second = 0; second < 60; second += 1) await page.clock.runFor(1000)
      if (minute % every !== 0) continue
      await session.send('HeapProfiler.collectGarbage')
      const { usedSize } = await session.send('Runtime.getHeapUsage')
      const { nodes } = await session.send('Memory.getDOMCounters')
      const orders = await page.locator('[data-count=acknowledged] dd').innerText()
      console.log(`${minute} min: ${(usedSize / 1e6).toFixed(2)} MB of heap, ${nodes} nodes, ${orders} orders`)
    }
  } finally {
    await browser.close()
    close()
  }
}

void main()
