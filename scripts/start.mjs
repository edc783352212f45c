/**
 * Runs the services on this machine, without Docker: what `npm start` does, and with `--dev` what `npm run dev` does
 * (from their sources, each started again on a change).
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { parse } from 'dotenv'
import { readEnvironment } from '../chassis/src/service/read-environment.js'
import { build } from './build.mjs'
import { readArguments } from './read-arguments.mjs'
import { Address } from './start/address.mjs'
import { serveConsole } from './start/console.mjs'
import { whenReady } from './start/when-ready.mjs'

const root = join(import.meta.dirname, '..')
const minPauseMs = 500
const maxPauseMs = 5000
const livedLongMs = 10_000
const readyWithinMs = 60_000
// npm passes on a Ctrl-C that the terminal has already sent: the same one, not a second.
const sameSignalMs = 200

// The first one signs tokens for all, and trusts those of the others.
const portsByDefault = { 'user-service': 3000, 'order-service': 3001 }
const consolePortByDefault = 8080

/** @typedef {{ name: string, port: number, environment: Record<string, string> }} Service */

const usage = `Usage: npm start | npm run dev

Runs the services and the console without Docker until Ctrl-C. npm run dev runs them from their sources, and starts a service again
when you change it. Variables come from the environment and from .env; .env.example lists them.`

const { dev: development } = readArguments({ name: 'start', usage, options: { dev: { type: 'boolean' } } }).values
if (!development) build()
const environment = readSettings()
const address = new Address(environment)
const consolePort = readPort('GATEWAY_PORT', consolePortByDefault)
const services = readServices()
const defaults = {
  CHAOS: environment.CHAOS ?? 'on',
  TRUST_PROXY: environment.TRUST_PROXY ?? '1',
  TRUSTED_PROXIES: environment.TRUSTED_PROXIES ?? address.reachable,
}

/** @type {Map<string, import('node:child_process').ChildProcess>} what runs, by the service's name */
const running = new Map()
let stoppingSince = 0
let exitCode = 0

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, onSignal)
process.stdout.on('error', stop) // whoever read our lines is gone
for (const port of [...services.map(({ port }) => port), consolePort]) {
  const fault = await address.whyNot(port) // asked beforehand: whoever has the port would answer in place of the service
  if (fault !== undefined) giveUp(fault)
}
const ready = await Promise.all(services.map(startAndKeep))
if (ready.every(Boolean)) {
  await serveConsole({
    host: address.host,
    port: consolePort,
    services: Object.fromEntries(services.map(({ name, port }) => [name, address.url(port)])),
    development,
    allowedHosts: environment.ALLOWED_HOSTS?.split(',') ?? [],
  })
  const [users, orders] = services.map(({ port }) => address.url(port))
  say(`ready: users at ${users}, orders at ${orders}; Ctrl-C stops both`)
  say(`look at ${address.url(consolePort)}`)
}

function readSettings() {
  try {
    return readEnvironment(root, process.env, parse)
  } catch (error) {
    return giveUp(error.message)
  }
}

/** @returns {Service[]} */
function readServices() {
  const found = Object.entries(portsByDefault).map(([name, byDefault]) => {
    const variable = `${name.toUpperCase().replaceAll('-', '_')}_PORT`
    return { name, variable, port: readPort(variable, byDefault) }
  })
  const gateway = { variable: 'GATEWAY_PORT', port: consolePort }
  for (const [i, { variable, port }] of [...found, gateway].entries()) {
    const same = found.slice(0, i).find((other) => other.port === port)
    if (same) giveUp(`bad configuration: ${same.variable} and ${variable} are the same`)
  }
  const [users, ...others] = found
  const keys = others.map(({ name, port }) => `${name}=${address.url(port)}/.well-known/jwks.json`)
  const ofUsers = {
    TRUSTED_SERVICES: environment.TRUSTED_SERVICES ?? keys.join(','),
    TOKEN_AUDIENCES: environment.TOKEN_AUDIENCES ?? found.map(({ name }) => name).join(','),
  }
  const ofOthers = { USER_SERVICE_URL: address.url(users.port) }
  return found.map(({ name, port }) => ({ name, port, environment: name === users.name ? ofUsers : ofOthers }))
}

function readPort(name, byDefault) {
  const value = environment[name] ?? String(byDefault)
  if (/^\d{1,5}$/.test(value) && Number(value) >= 1 && Number(value) <= 65_535) return Number(value)
  return giveUp(`bad configuration: ${name} must be an integer from 1 to 65535`)
}

/**
 * Starts a service, and starts it again whenever it dies; one that dies before it was ever ready ends everything.
 * @param {Service} service
 * @returns {Promise<boolean>} whether it got ready
 */
function startAndKeep(service) {
  return new Promise((resolve) => {
    let wasReady = false
    let pauseMs = minPauseMs

    async function life() {
      const began = Date.now()
      const child = start(service)
      if (!wasReady) {
        void isReady(service, child).then((yes) => {
          wasReady = yes
          resolve(yes)
        })
      }
      const [code, signal] = await once(child, 'close')
      running.delete(service.name)
      if (stoppingSince || !wasReady) {
        if (code !== 0 || !stoppingSince) exitCode = 1
        stop()
        return
      }
      if (Date.now() - began > livedLongMs) pauseMs = minPauseMs
      say(`${service.name} died (${signal ?? `exit code ${code}`}), starts again in ${pauseMs / 1000} s`)
      await pause(pauseMs)
      pauseMs = Math.min(pauseMs * 2, maxPauseMs)
      if (!stoppingSince) await life()
    }

    void life()
  })
}

/** @param {Service} service */
function start({ name, port, environment: own }) {
  const endWithUs = ['-r', join(import.meta.dirname, 'end-with-parent.cjs')]
  const [args, cwd] = development
    ? [
        ['--watch', ...endWithUs, '-C', 'development', '-r', 'ts-node/register/transpile-only', 'src/main.ts'],
        join(root, name),
      ]
    : [[...endWithUs, join(name, 'dist/main.js')], root]
  const child = spawn(process.execPath, args, {
    cwd,
    // Set here, whatever the environment or .env say, because they would say the same to both.
    env: { ...process.env, ...defaults, ...own, PORT: String(port), DATABASE_URL: `sqlite:./data/${name}.db` },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // a group of its own: of a Ctrl-C it hears from us, once
  })
  prefix(name, child.stdout, process.stdout)
  prefix(name, child.stderr, process.stderr)
  running.set(name, child)
  return child
}

function prefix(name, from, to) {
  createInterface({ input: from }).on('line', (line) => to.write(`${name.padEnd(13)} | ${line}\n`))
}

/** @returns {Promise<boolean>} false if the child died first, or if it took too long, which ends everything but `--dev` */
async function isReady({ name, port }, child) {
  const isGone = () => child.exitCode !== null || child.signalCode !== null
  try {
    return await whenReady(address.url(port), { withinMs: readyWithinMs, isGone })
  } catch (error) {
    console.error(`tandem: ${name} is not ready: ${error.message}`)
    if (!development) {
      exitCode = 1
      stop()
    }
    return false
  }
}

function onSignal() {
  if (stoppingSince && Date.now() - stoppingSince > sameSignalMs) {
    for (const child of running.values()) process.kill(-child.pid, 'SIGKILL')
    process.exit(1)
  }
  stop()
}

/** Asks whoever runs to stop, once; the last one to go ends this process. */
function stop() {
  if (!stoppingSince) {
    stoppingSince = Date.now()
    for (const child of running.values()) child.kill('SIGTERM')
  }
  if (running.size === 0) process.exit(exitCode)
}

function say(line) {
  console.log(`${'tandem'.padEnd(13)} | ${line}`)
}

function giveUp(line) {
  console.error(`tandem: ${line}`)
  process.exit(1)
}
