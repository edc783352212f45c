/**
 * After one of the services or both were restored, and before they are started: brings holds and orders together again,
 * each service its own by the records of the other one. What `npm run reconcile` does. It is told which databases with
 * `-- --compose` or `-- --npm-start`: those that are there need not be those that were restored.
 */
import { execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'

const root = join(import.meta.dirname, '..')
const runners = { '--compose': underCompose, '--npm-start': underNpmStart }

try {
  const run = await findRunner(process.argv.slice(2))
  // Orders first: one whose credit was given back is not to be held for again.
  const orders = await reconcile(run, 'order-service', { by: 'user-service' })
  const holds = orders && (await reconcile(run, 'user-service', { by: 'order-service' }))
  process.exitCode = orders && holds ? 0 : 1
} catch (error) {
  console.error(`reconcile: ${error.message}`)
  process.exitCode = 1
}

/** Answers how one of a service's commands is run while the service is stopped. */
async function findRunner([way, ...others]) {
  if (way === undefined || others.length > 0 || !Object.hasOwn(runners, way)) {
    const ways = Object.keys(runners).map((name) => `npm run reconcile -- ${name}`)
    throw new Error(`which databases? ${ways.join(' or ')}`)
  }
  const { works, words } = await runners[way]()
  console.log(`reconciling ${works}`)
  return (service, command) => start([...words(service), `${service}/dist/${command}.js`], service)
}

async function underCompose() {
  for (const compose of [['docker', 'compose'], ['docker-compose']]) {
    const [command, ...first] = compose
    const config = await promisify(execFile)(command, [...first, 'config', '--format', 'json'], { cwd: root }).catch(
      () => undefined,
    )
    if (config === undefined) continue
    return {
      works: `the volumes of the Compose project ${JSON.parse(config.stdout).name}`,
      words: (service) => [...compose, 'run', '--rm', '--no-deps', '-T', service, 'node'],
    }
  }
  throw new Error('`docker compose config` does not answer')
}

async function underNpmStart() {
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (status !== 0) throw new Error('`npm run build` failed')
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
