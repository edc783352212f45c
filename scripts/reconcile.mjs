/**
 * After one of the services or both were restored, and before they are started: brings holds and orders together again,
 * each service its own by the records of the other one. What `npm run reconcile` does. It is told which databases with
 * `-- --compose` or `-- --npm-start`: those that are there need not be those that were restored.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import process from 'node:process'
import { build } from './build.mjs'
import { readArguments, refuse } from './read-arguments.mjs'

const root = join(import.meta.dirname, '..')
const usage = `Usage: npm run reconcile -- --compose | --npm-start

After a restore, and before the services are started: brings holds and orders together again.

  --compose    in the volumes of Docker Compose
  --npm-start  in the databases of npm start, in data/`

const { compose, 'npm-start': npmStart } = readArguments({
  name: 'reconcile',
  usage,
  options: { compose: { type: 'boolean' }, 'npm-start': { type: 'boolean' } },
}).values
if (Boolean(compose) === Boolean(npmStart)) refuse('reconcile', 'which databases? Either --compose or --npm-start')
try {
  const { works, words } = compose ? underCompose() : underNpmStart()
  console.log(`reconciling ${works}`)
  const run = (service, command) => start([...words(service), `${service}/dist/${command}.js`], service)
  // Orders first: one whose credit was given back is not to be held for again.
  const orders = await reconcile(run, 'order-service', { by: 'user-service' })
  const holds = orders && (await reconcile(run, 'user-service', { by: 'order-service' }))
  process.exitCode = orders && holds ? 0 : 1
} catch (error) {
  console.error(`reconcile: ${error.message}`)
  process.exitCode = 1
}

/** How a command of a service is run while the service is stopped. */
function underCompose() {
  const config = spawnSync('docker', ['compose', 'config', '--format', 'json'], { cwd: root, encoding: 'utf8' })
  if (config.status !== 0) {
    const why = config.error?.message ?? config.stderr.trim().split('\n').at(-1)
    throw new Error(`--compose needs Docker Compose v2; \`docker compose config\` failed: ${why}`)
  }
  // Two containers run at once below. Each would make what is missing, and Docker makes a second network of the same name.
  const made = spawnSync('docker', ['compose', 'create', '--no-recreate'], { cwd: root, stdio: ['ignore', 2, 2] })
  if (made.status !== 0) throw new Error('`docker compose create` failed')
  return {
    works: `the volumes of the Compose project ${JSON.parse(config.stdout).name}`,
    words: (service) => ['docker', 'compose', 'run', '--rm', '--no-deps', '-T', service, 'node'],
  }
}

function underNpmStart() {
  build()
  return { works: `the databases in ${join(root, 'data')}`, words: () => [process.execPath] }
}

function start([command, ...args], service) {
  return spawn(command, args, {
    cwd: root,
    env: { ...process.env, DATABASE_URL: `sqlite:./data/${service}.db` }, // as npm start does; Compose hands it on to nobody
    stdio: ['pipe', 'pipe', 'inherit'],
  })
}

/** Lets a service mend what is its own. Answers whether it could mend all. */
async function reconcile(run, service, { by }) {
  const printing = run(by, 'print-records')
  const mending = run(service, 'reconcile')
  printing.stdin.end()
  mending.stdin.on('error', () => undefined) // it has ended early, and says why
  mending.stdout.pipe(process.stdout, { end: false })
  printing.stdout.pipe(mending.stdin, { end: false })
  const printed = once(printing, 'close').then(([code]) => {
    // Without this line, it does not take what it was given for all there is.
    mending.stdin.end(code === 0 ? `${JSON.stringify({ what: 'end', of: by })}\n` : '')
  })
  const [code] = await once(mending, 'close')
  printing.kill()
  await printed
  return code === 0
}
