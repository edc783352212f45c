/**
 * After a restore of one or both services, and before they start: makes holds and orders agree again (`npm run
 * reconcile`). Each service repairs its own records by those of the other. The databases are chosen with
 * `-- --compose` or `-- --npm-start`, as existing ones need not be the restored ones.
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
  const run = (service, command) => start([...words(service), `${service}/dist/operations/cli.js`, command], service)
  // Orders first: an order whose credit was released must not be held for again.
  const orders = await reconcile(run, 'order-service', { by: 'user-service' })
  const holds = orders && (await reconcile(run, 'user-service', { by: 'order-service' }))
  process.exitCode = orders && holds ? 0 : 1
} catch (error) {
  console.error(`reconcile: ${error.message}`)
  process.exitCode = 1
}

/** Returns how to run a command of a stopped service. */
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

/** Lets a service repair its own records. Returns whether it could repair all. */
async function reconcile(run, service, { by }) {
  const printing = run(by, 'print-records')
  const mending = run(service, 'reconcile')
  printing.stdin.end()
  mending.stdin.on('error', () => undefined) // it has ended early, and says why
  mending.stdout.pipe(process.stdout, { end: false })
  printing.stdout.pipe(mending.stdin, { end: false })
  const printed = once(printing, 'close').then(([code]) => {
    // Without this line the input counts as truncated.
    mending.stdin.end(code === 0 ? `${JSON.stringify({ kind: 'end', of: by })}\n` : '')
  })
  const [code] = await once(mending, 'close')
  printing.kill()
  await printed
  return code === 0
}
