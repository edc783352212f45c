import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'

const root = join(import.meta.dirname, '..')
const [stdin, output] = ['ignore', 2] // stdout belongs to the command that needs the build

/**
 * Builds what has changed. A command that runs a build calls this: npm skips a script before it (`prestart` and the like)
 * if `ignore-scripts` is set.
 */
export function build() {
  const shell = process.platform === 'win32' // where npm is a batch file
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], {
    cwd: root,
    stdio: [stdin, output, output],
    shell,
  })
  if (status === 0) return
  console.error('tandem: `npm run build` failed')
  process.exit(1)
}
