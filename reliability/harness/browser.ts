import { accessSync, constants } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Starts a browser of this machine. It calls nobody by itself. */
export async function startBrowser(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? places.find(isExecutable)
  if (executablePath === undefined)
    throw new Error(`no browser found: install chromium, or name one in CHROMIUM (tried ${places.join(', ')})`)
  const isRoot = process.getuid?.() === 0
  return chromium.launch({
    executablePath,
    args: [
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...(isRoot ? ['--no-sandbox'] : []), // Chromium refuses to start as root with its sandbox
    ],
  })
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
