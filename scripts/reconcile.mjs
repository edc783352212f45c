/**
 * After a restore of one or both services, and before they start: makes holds and orders agree again (`npm run
 * reconcile`). Each service repairs its own records by those of the other. The databases are chosen with
 * `-- --compose`, `-- --scale` or `-- --npm-start`, as existing ones need not be the restored ones.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import process from 'node:process'
import { build } from './build.mjs'
import { readArguments, refuse } from './read-arguments.mjs'

const root = join(import.meta.dirname, '..')
const usage = `Usage: npm run reconcile -- --compose | --scale | --npm-start

After a restore, and before the services are started: brings holds and orders together again.

  --compose    in the volumes of Docker Compose
  --scale      in the PostgreSQL of docker-compose.scale.yml, which must be running
  --npm-start  in the databases of npm start, in data/`

const { values } = readArguments({
  name: 'reconcile',
  usage,
  options: { compose: { type: 'boolean' }, scale: { type: 'boolean' }, 'npm-start': { type: 'boolean' } },
})
const places = { compose: underCompose, scale: atScale, 'npm-start': underNpmStart }
const [place, ...others] = Object.keys(values)
if (place === undefined || others.length > 0)
  refuse('reconcile', 'which databases? One of --compose, --scale and --npm-start')
try {
  const { works, words } = places[place]()
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
  const docker = ['docker', 'compose']
  const project = projectOf('--compose', docker)
  // Two containers run at once below. Each would make what is missing, and Docker makes a second network of the same name.
  const made = spawnSync('docker', ['compose', 'create', '--no-recreate'], { cwd: root, stdio: ['ignore', 2, 2] })
  if (made.status !== 0) throw new Error('`docker compose create` failed')
  return { works: `the volumes of the Compose project ${project}`, words: runBy(docker) }
}

/** The same, while PostgreSQL runs. */
function atScale() {
  const docker = ['docker', 'compose', '-f', 'docker-compose.scale.yml']
  const project = projectOf('--scale', docker)
  return { works: `the databases of the Compose project ${project}`, words: runBy(docker) }
}

/** @param {string} option @param {string[]} docker */
function projectOf(option, [command, ...args]) {
  const config = spawnSync(command, [...args, 'config', '--format', 'json'], { cwd: root, encoding: 'utf8' })
  if (config.status === 0) return JSON.parse(config.stdout).name
  const why = config.error?.message ?? config.stderr.trim().split('\n').at(-1)
  throw new Error(`${option} needs Docker Compose v2; \`docker compose config\` failed: ${why}`)
}

/** @param {string[]} docker */
function runBy(docker) {
  return (service) => [...docker, 'run', '--rm', '--no-deps', '-T', service, 'node']
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
