/**
 * Runs a command of one service on the database that `npm start` gives it: what `npm run back-up -- <service>` and
 * `npm run restore -- <service>` do.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { build } from './build.mjs'
import { readArguments, refuse } from './read-arguments.mjs'
import { workspacesWith } from './workspaces-with.mjs'

const root = join(import.meta.dirname, '..')
const name = process.argv[2]
const services = workspacesWith('src/operations/cli.ts')
const what = {
  'back-up': `SERVICE > FILE

Writes a back-up of the database that npm start gives a service to stdout. The service may be running.`,
  restore: `SERVICE < FILE

Replaces the database that npm start gives a service by a back-up, read from stdin. The service must not be running.`,
}
const usage = `Usage: npm run --silent ${name} -- ${what[name]}\n\nSERVICE is one of ${services.join(', ')}.`

const { positionals } = readArguments({ name, usage, allowPositionals: true })
const [, service, ...others] = positionals
if (!services.includes(service) || others.length > 0) refuse(name, `which service? One of ${services.join(', ')}`)
try {
  build()
  const { status } = spawnSync(process.execPath, [`${service}/dist/operations/cli.js`, name], {
    cwd: root,
    // Set as npm start does, whatever the environment or .env say, because they would say the same to both.
    env: { ...process.env, DATABASE_URL: `sqlite:./data/${service}.db` },
    stdio: 'inherit',
  })
  process.exitCode = status ?? 1
} catch (error) {
  console.error(`${name}: ${error.message}`)
  process.exitCode = 1
}
