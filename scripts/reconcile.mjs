/**
 * After one of the services or both were restored, and before they are started: brings holds and orders together again,
 * each service its own by the records of the other one. What `npm run reconcile` does. `-- --compose` or `-- --npm-start`
 * says how they are run, where both would be possible.
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'

const root = join(import.meta.dirname, '..')

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
async function findRunner(args) {
  const compose = await findCompose()
  const hasFiles = existsSync(join(root, 'data/user-service.db')) && existsSync(join(root, 'data/order-service.db'))
  const runners = {
    ...(compose && { '--compose': (service) => [...compose, 'run', '--rm', '--no-deps', '-T', service, 'node'] }),
    ...(hasFiles && { '--npm-start': () => [process.execPath] }),
  }
  const [way, ...others] = args.length > 0 ? args : Object.keys(runners)
  if (way === undefined) throw new Error('there is nothing here that Compose or npm start has run')
  if (others.length > 0) throw new Error(`which of them? npm run reconcile -- ${Object.keys(runners).join(' or ')}`)
  if (!Object.hasOwn(runners, way)) throw new Error(`${way}: there is no such thing here`)
  return (service, command) => start([...runners[way](service), `${service}/dist/${command}.js`], service)
}

/** The command by which Compose has made containers from this folder, if it has. */
async function findCompose() {
  for (const words of [['docker', 'compose'], ['docker-compose']]) {
    const [command, ...first] = words
    const listed = await promisify(execFile)(command, [...first, 'ps', '--all', '--quiet'], { cwd: root }).catch(
      () => '',
    )
    if (listed.stdout?.trim()) return words
  }
  return undefined
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
