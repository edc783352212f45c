import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import process from 'node:process'
import { ask, mustBeFree, whenReady } from './ask.mjs'

export const root = join(import.meta.dirname, '../..')
export const services = ['user-service', 'order-service']
/** Neither the default ones nor those of the tests. */
export const ports = { 'user-service': 3400, 'order-service': 3401 }

const children = new Set()
const folders = new Set()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1))
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
})

/**
 * @template T
 * @param {(folder: string) => Promise<T>} use
 * @param {string} [parent]
 * @returns {Promise<T>}
 */
export async function inNewFolder(use, parent = tmpdir()) {
  const folder = mkdtempSync(join(parent, 'tandem-measure-'))
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
  // All that a service reads is set here: what is not set may come from .env.
  const env = {
    HOST: '127.0.0.1',
    DATABASE_URL: `sqlite:${join(folder, service)}.db`,
    ADMIN_KEY_FILE: join(folder, 'admin-key'),
    USER_SERVICE_URL: `http://127.0.0.1:${ports['user-service']}`,
    TRUSTED_SERVICES: `order-service=http://127.0.0.1:${ports['order-service']}/.well-known/jwks.json`,
    SIGNUP_CREDIT_CENTS: '1000000000',
    RATE_LIMIT_PER_MINUTE: '1000000',
    AUTH_MODE: 'required',
    CHAOS: 'off',
    LOG_LEVEL: 'info',
    LOG_CLIENT_ADDRESS: 'on',
    MAX_IN_FLIGHT: '256',
    OTEL_SDK_DISABLED: 'true',
    TRUST_PROXY: '0',
    PENDING_TIMEOUT_SECONDS: '600',
    SHUTDOWN_DELAY_MS: '250',
    SHUTDOWN_GRACE_MS: '10000',
  }
  return startProcess(ports[service], nodeArguments(service), env)
}

/** Starts Node.js, and returns when what it runs is ready at the port. Its stdout, and so its log, goes nowhere. */
export async function startProcess(port, args, env = {}) {
  await mustBeFree(port)
  const began = performance.now()
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...env, PORT: String(port) },
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

/** Milliseconds of processor time of the process so far. */
export function processorMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10 // utime and stime, in ticks of 10 ms
}

/** @returns {Promise<{ id: string, apiKey: string }>} */
export async function signUp() {
  const body = { name: 'Ada', email: `${randomUUID()}@example.com` }
  const user = await ask(ports['user-service'], '/users', { method: 'POST', body })
  const { id, apiKey } = JSON.parse(user.text)
  return { id, apiKey }
}

/**
 * It lasts for 15 minutes.
 * @param {string} apiKey
 * @returns {Promise<string>}
 */
export async function tokenOf(apiKey) {
  const { text } = await ask(ports['user-service'], '/tokens', { method: 'POST', token: apiKey })
  return JSON.parse(text).accessToken
}
