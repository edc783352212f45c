import { execFile, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import process from 'node:process'
import { promisify } from 'node:util'
import { mustBeFree, whenReady } from './ask.mjs'
import { ports, root, services } from './processes.mjs'

const project = 'tandem-measure'

// Nothing of what Compose would hand on, from the shell or .env: the stack runs on its defaults.
const kept = Object.entries(process.env).filter(([name]) => /^(PATH|HOME|DOCKER_.*|.*_proxy)$/i.test(name))
const options = {
  cwd: root,
  encoding: 'utf8',
  env: {
    ...Object.fromEntries(kept),
    COMPOSE_DISABLE_ENV_FILE: '1',
    COMPOSE_PROJECT_NAME: project,
    USER_SERVICE_PORT: String(ports['user-service']),
    ORDER_SERVICE_PORT: String(ports['order-service']),
    GATEWAY_PORT: '3402',
  },
}
const run = promisify(execFile)
let running // the docker command that is under way
let built = false

/** Returns undefined if there is a Docker engine with Compose. */
export function whyNoContainers() {
  for (const args of [['info'], ['compose', 'version']]) {
    if (spawnSync('docker', args, options).status !== 0) return `\`docker ${args.join(' ')}\` does not respond`
  }
  return undefined
}

/** Milliseconds until each is ready, asked from outside, with nothing there but the images. */
export async function timesFromUp() {
  if (!built) await build()
  await mustBeFree(...Object.values(ports))
  const began = performance.now()
  const up = compose('up', '-d')
  const [times] = await Promise.all([Promise.all(services.map((service) => whenReady(ports[service], began))), up])
  await compose('down', '--volumes')
  return times
}

async function build() {
  process.on('exit', removeAll)
  built = true
  await compose('build', '--quiet')
}

function compose(...args) {
  const promise = run('docker', ['compose', ...args], options)
  running = promise.child
  return promise
}

function removeAll() {
  running.kill()
  spawnSync('docker', ['compose', 'down', '--volumes', '--remove-orphans', '--rmi', 'local'], options)
}

/** In MB: the image that it is built on, and what it adds to that. */
export function imageSize(service) {
  const [, base] = [...readFileSync(join(root, service, 'Dockerfile'), 'utf8').matchAll(/^FROM (\S+)$/gm)].at(-1)
  const [whole, below] = [sizeOf(`${project}-${service}`), sizeOf(base)]
  if (below === undefined) return `${whole.toFixed(0)} MB in all` // a builder may keep the base to itself
  return `${(whole - below).toFixed(1)} MB on ${below.toFixed(0)} MB`
}

function sizeOf(image) {
  const { status, stdout } = spawnSync('docker', ['image', 'inspect', '--format', '{{.Size}}', image], options)
  return status === 0 ? Number(stdout) / 1e6 : undefined
}
