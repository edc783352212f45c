import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import process from 'node:process'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'

const image = 'postgres:17-trixie'
const readyWithinMs = 60_000

/**
 * A PostgreSQL server, ready: the one that TEST_DATABASE_URL names, or else one in a container, which `remove` removes.
 *
 * @param {string} command who needs it, for messages
 */
export async function postgresServer(command) {
  const given = process.env.TEST_DATABASE_URL
  const server = given ? { url: given, remove: () => {} } : startContainer(command)
  try {
    await untilReady(server.url)
  } catch (error) {
    server.remove()
    throw error
  }
  return server
}

/** @param {string} command @returns {{ url: string, remove: () => void }} */
function startContainer(command) {
  const password = randomBytes(16).toString('hex')
  const [id] = docker(
    command,
    ...['run', '--detach', '--rm', '--publish', '127.0.0.1::5432', '--tmpfs', '/var/lib/postgresql/data'],
    ...['--env', `POSTGRES_PASSWORD=${password}`, image, '-c', 'max_connections=500'],
  )
  const remove = () => docker(command, 'rm', '--force', '--volumes', id)
  const [address] = docker(command, 'port', id, '5432')
  return { url: `postgres://postgres:${password}@${address}/postgres`, remove }
}

/** @param {string} command @param {string[]} args @returns {string[]} the lines that it printed */
function docker(command, ...args) {
  try {
    return execFileSync('docker', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
      .trim()
      .split('\n')
  } catch {
    console.error(`${command}: this needs a running Docker engine, or TEST_DATABASE_URL`)
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
