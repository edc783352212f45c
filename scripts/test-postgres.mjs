/**
 * Runs the tests that touch a database on PostgreSQL: on the server that TEST_DATABASE_URL names, where they make databases
 * of their own, or else in a container that is gone afterwards.
 */
import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import process from 'node:process'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { readArguments } from './read-arguments.mjs'

const root = join(import.meta.dirname, '..')
const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const image = 'postgres:17-trixie'
const readyWithinMs = 60_000
const packages = workspaces.filter((folder) => !folder.startsWith('examples/'))

const usage = `Usage: npm run test:postgres -- [--only FILES]

Runs the tests that touch a database on PostgreSQL: on the server that TEST_DATABASE_URL names, where they make databases
of their own, or else in a container, which needs Docker.

  --only FILES  only test files whose paths have this in them`

const { only } = readArguments({ name: 'test:postgres', usage, options: { only: { type: 'string' } } }).values
const [server, remove] = process.env.TEST_DATABASE_URL ? [process.env.TEST_DATABASE_URL, () => {}] : startContainer()
const files = only === undefined ? [] : ['--', only]
try {
  await untilReady(server)
  const jest = spawn(process.execPath, ['node_modules/jest/bin/jest.js', '--selectProjects', ...packages, ...files], {
    cwd: root,
    env: { ...process.env, TEST_DATABASE_URL: server },
    stdio: 'inherit',
  })
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => jest.kill(signal))
  const [code] = await once(jest, 'close')
  process.exitCode = code ?? 1
} finally {
  remove()
}

/** @returns {[string, () => void]} its URL, and what removes it */
function startContainer() {
  const password = randomBytes(16).toString('hex')
  const [id] = docker(
    ...['run', '--detach', '--rm', '--publish', '127.0.0.1::5432', '--tmpfs', '/var/lib/postgresql/data'],
    ...['--env', `POSTGRES_PASSWORD=${password}`, image, '-c', 'max_connections=500'],
  )
  const remove = () => docker('rm', '--force', '--volumes', id)
  const [address] = docker('port', id, '5432')
  return [`postgres://postgres:${password}@${address}/postgres`, remove]
}

/** @param {string[]} args @returns {string[]} the lines that it printed */
function docker(...args) {
  try {
    return execFileSync('docker', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
      .trim()
      .split('\n')
  } catch {
    console.error('test:postgres: this needs a running Docker engine, or TEST_DATABASE_URL')
    process.exit(1)
  }
}

async function untilReady(url) {
  const deadline = performance.now() + readyWithinMs
  for (;;) {
    const client = new pg.Client({ connectionString: url })
    client.on('error', () => {}) // connect() rejects with it
    try {
      await client.connect()
      await checkPasswordsFast(client)
      await client.end()
      return
    } catch (error) {
      if (performance.now() > deadline) throw error
      await pause(200)
    }
  }
}

/** Most of a connection's time is its password, and the tests make thousands of connections. */
async function checkPasswordsFast(client) {
  if (process.env.TEST_DATABASE_URL) return // somebody else's server
  await client.query('SET scram_iterations = 1')
  await client.query(`ALTER ROLE ${client.user} PASSWORD '${client.password}'`)
}
