/**
 * Runs a command of one service on the database that `npm start` gives it: what `npm run back-up -- <service>` and
 * `npm run restore -- <service>` do.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'

const root = join(import.meta.dirname, '..')
const services = ['order-service', 'user-service']

const [command, service, ...others] = process.argv.slice(2)
if (!services.includes(service) || others.length > 0) {
  console.error(`${command}: of which service? ${services.map((name) => `npm run ${command} -- ${name}`).join(' or ')}`)
  process.exit(1)
}
const { status } = spawnSync(process.execPath, [`${service}/dist/${command}.js`], {
  cwd: root,
  // Set as npm start does, whatever the environment or .env say, because they would say the same to both.
  env: { ...process.env, DATABASE_URL: `sqlite:./data/${service}.db` },
  stdio: 'inherit',
})
process.exitCode = status ?? 1
