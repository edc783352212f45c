import { execFile } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath, URL } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * How user-service is stopped and started again.
 * @typedef {import('./find-stack.d.mts').Stack} Stack
 */

/**
 * Finds out what runs the user-service on the port: Compose, or `npm start` (or `npm run dev`). Throws if
 * it is neither.
 * @param {string} port
 * @returns {Promise<Stack>}
 */
export async function findStack(port) {
  return (await composeStack(port)) ?? (await processStack(port))
}

async function composeStack(port) {
  const compose = (...args) => execute('docker', 'compose', ...args)
  const published = await compose('port', 'user-service', '3000').catch(() => '')
  if (!published.trim().endsWith(`:${port}`)) return undefined
  return {
    runsBy: 'docker compose',
    stopping: 'docker compose stop user-service',
    starting: 'docker compose start user-service',
    stop: () => compose('stop', 'user-service'),
    start: () => compose('start', 'user-service'),
    exec: ['docker', 'compose', 'exec', '-T'],
  }
}

/** Freezes the process, because a killed one would be restarted at once. */
async function processStack(port) {
  const listening = await execute('lsof', '-t', '-i', `tcp:${port}`, '-s', 'tcp:listen').catch((error) => {
    if (error.code === 'ENOENT') throw new Error('without Docker, this command needs `lsof`')
    return ''
  })
  const pid = Number(listening.trim().split('\n')[0])
  const command = pid > 0 ? await execute('ps', '-o', 'args=', '-p', String(pid)).catch(() => '') : ''
  if (!/\bmain\.[jt]s$/.test(command.trim())) {
    throw new Error(`the process on port ${port} was not started by Compose v2 from this folder or by npm start`)
  }
  return {
    runsBy: 'npm start',
    stopping: `kill -STOP ${pid}`,
    starting: `kill -CONT ${pid}`,
    stop: async () => void process.kill(pid, 'SIGSTOP'),
    start: async () => void process.kill(pid, 'SIGCONT'),
  }
}

/** Returns the output. Its own process group protects it from a Ctrl-C that is meant for us. */
async function execute(command, ...args) {
  const { stdout } = await run(command, args, { cwd: root, timeout: 60_000, detached: true })
  return stdout
}
