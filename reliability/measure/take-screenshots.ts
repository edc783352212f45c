import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startBrowser } from '../harness/browser'
import { root } from '../harness/compose-project'
import { tryConsole } from '../harness/console-story'
import { readArguments } from '../../scripts/read-arguments.mjs'
import { copyRepository, npmGatewayPort, NpmStart } from '../harness/npm-start'

const usage = `Usage: npm run screenshots [-- --all <folder>]

Tries the console in a browser, in front of services of its own, and takes the two pictures of the README; with --all,
a picture of each step, light, dark and narrow, into the folder. Needs chromium.`
const options = { all: { type: 'string' } } as const
const { all: folder } = readArguments({ name: 'screenshots', usage, options }).values

/** What the README shows. */
const pictures = { light: 'frozen', dark: 'settled' } as const

async function main(): Promise<void> {
  const images = folder ?? join(root, 'docs/images')
  mkdirSync(images, { recursive: true })
  const repository = copyRepository()
  const npm = new NpmStart(repository.folder)
  const browser = await startBrowser()
  try {
    await npm.prints('look at http://')
    const adminKey = readFileSync(join(repository.folder, 'data/admin-key'), 'utf8').trim()
    const widths = folder === undefined ? [1440] : [1440, 360]
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const width of widths) {
        const page = await browser.newPage({ colorScheme, viewport: { width, height: width === 360 ? 800 : 960 } })
        await tryConsole(page, {
          url: `http://127.0.0.1:${npmGatewayPort}`,
          adminKey,
          see: async (step) => {
            const name = folder === undefined ? `console-${colorScheme}` : `${step}-${colorScheme}-${width}`
            if (folder === undefined && pictures[colorScheme] !== step) return
            await page.screenshot({ path: join(images, `${name}.png`), fullPage: width === 360 })
            console.log(`took ${name}.png`)
          },
        })
        await page.close()
      }
    }
  } finally {
    await browser.close()
    await npm.interrupt()
    repository.remove()
  }
}

void main()
