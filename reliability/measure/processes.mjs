import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import process from 'node:process'
import { setTimeout as pause } from 'node:timers/promises'
import { ask, mustBeFree, whenReady } from './ask.mjs'

export const root = join(import.meta.dirname, '../..')
export const services = ['user-service', 'order-service']
/** Neither the default ones nor those of the tests. */
export const ports = { 'user-service': 3400, 'order-service': 3401 }

const callers = 16
const restMs = 3000

const children = new Set()
const folders = new Set()
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
})

/** Milliseconds until the service is ready, alone and on a new database. */
export async function startTime(service) {
  return inNewFolder(async (folder) => {
    const { child, readyMs } = await start(service, folder)
    await stop(child)
    return readyMs
  })
}

/** Tells the memory of both at rest, after `orders` orders and after as many again. */
export async function memoryUnderOrders(orders, tell) {
  await inNewFolder(async (folder) => {
    const started = []
    for (const service of services) started.push((await start(service, folder)).child)
    const memories = async () => {
      await pause(restMs)
      return started.map(({ pid }) => memoryOf(pid))
    }

    tell('at rest', await memories())
    const token = await signUp()
    await placeOrders(orders, token)
    tell(`after ${orders} orders`, await memories())
    await placeOrders(orders, token)
    tell(`after ${2 * orders} orders`, await memories())
    await Promise.all(started.map(stop))
  })
}

export async function inNewFolder(use) {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-measure-'))
  folders.add(folder)
  const result = await use(folder)
  rmSync(folder, { recursive: true })
  folders.delete(folder)
  return result
}

/** As the image starts it. */
function nodeArguments(service) {
  const command = /^CMD (\[.*\])$/m.exec(readFileSync(join(root, service, 'Dockerfile'), 'utf8'))?.[1]
  return JSON.parse(command).slice(1)
}

export async function start(service, folder) {
  const port = ports[service]
  await mustBeFree(port)
  const began = performance.now()
  const child = spawn(process.execPath, nodeArguments(service), {
    cwd: root,
    // All that a service reads is set here: what is not set may come from .env.
    env: {
      PORT: String(port),
      HOST: '127.0.0.1',
      DATABASE_URL: `sqlite:${join(folder, service)}.db`,
      ADMIN_KEY_FILE: join(folder, 'admin-key'),
      USER_SERVICE_URL: `http://127.0.0.1:${ports['user-service']}`,
      TRUSTED_SERVICES: `order-service=http://127.0.0.1:${ports['order-service']}/.well-known/jwks.json`,
      SIGNUP_CREDIT_CENTS: '1000000000',
      RATE_LIMIT_PER_MINUTE: '0',
      AUTH_MODE: 'required',
      LOG_LEVEL: 'info',
      MAX_IN_FLIGHT: '256',
      TRUST_PROXY: '0',
      PENDING_TIMEOUT_SECONDS: '600',
      SHUTDOWN_GRACE_MS: '10000',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  children.add(child)
  return { child, readyMs: await whenReady(port, began, () => child.exitCode !== null || child.signalCode !== null) }
}

export async function stop(child) {
  const closed = once(child, 'close')
  child.kill('SIGTERM')
  await closed
  children.delete(child)
}

/** In whole MB. */
export function memoryOf(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const read = (name) => Math.round(Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)[1]) / 1024)
  return { VmRSS: read('VmRSS'), RssAnon: read('RssAnon') }
}

async function signUp() {
  const body = { name: 'Ada', email: 'ada@example.com' }
  const user = await ask(ports['user-service'], '/users', { method: 'POST', body })
  const { apiKey } = JSON.parse(user.text)
  const token = await ask(ports['user-service'], '/tokens', { method: 'POST', token: apiKey })
  return JSON.parse(token.text).accessToken
}

async function placeOrders(count, token) {
  const body = { items: [{ productId: 'cable', quantity: 1 }] }
  let left = count
  const callOneByOne = async () => {
    while (left-- > 0) {
      const { status, text } = await ask(ports['order-service'], '/orders', { method: 'POST', token, body })
      if (status !== 201) throw new Error(`an order got status ${status}: ${text}`)
    }
  }
  await Promise.all(Array.from({ length: callers }, callOneByOne))
}
