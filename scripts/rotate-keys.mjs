/**
 * Gives both services a new key to sign tokens with, while they run (`npm run rotate-keys`). Each tells the other about
 * the new key before it signs with it, so no valid token is refused.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { build } from './build.mjs'
import { readArguments, refuse } from './read-arguments.mjs'
import { workspacesWith } from './workspaces-with.mjs'

const root = join(import.meta.dirname, '..')
const usage = `Usage: npm run rotate-keys -- --compose | --npm-start | --scale

Gives both services a new key to sign tokens with, while they run. It is published at once and signs 15 minutes later; 20
minutes after that the key before it is withdrawn.

  --compose    in the volumes of Docker Compose
  --npm-start  in the databases of npm start, in data/
  --scale      in PostgreSQL, as docker-compose.scale.yml has it`

const inCompose = (...files) => ['docker', 'compose', ...files, 'run', '--rm', '--no-deps', '-T']
const places = {
  compose: (service) => [...inCompose(), service, 'node'],
  scale: (service) => [...inCompose('-f', 'docker-compose.scale.yml'), service, 'node'],
  'npm-start': () => [process.execPath],
}

const options = Object.fromEntries(Object.keys(places).map((place) => [place, { type: 'boolean' }]))
const { values } = readArguments({ name: 'rotate-keys', usage, options })
const [place, ...others] = Object.keys(places).filter((name) => values[name])
if (place === undefined || others.length > 0)
  refuse('rotate-keys', 'which databases? One of --compose, --npm-start or --scale')
try {
  if (place === 'npm-start') build()
  else requireCompose()
  for (const service of workspacesWith('src/operations/cli.ts')) rotate(service)
} catch (error) {
  console.error(`rotate-keys: ${error.message}`)
  process.exitCode = 1
}

function requireCompose() {
  const { status } = spawnSync('docker', ['compose', 'version'], { stdio: 'ignore' })
  if (status !== 0) throw new Error(`--${place} needs Docker Compose v2; \`docker compose version\` failed`)
}

function rotate(service) {
  console.log(`${service}:`)
  const [command, ...args] = [...places[place](service), `${service}/dist/operations/cli.js`, 'rotate-keys']
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    env: { ...process.env, DATABASE_URL: `sqlite:./data/${service}.db` }, // as npm start does; Compose hands it on to nobody
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (error) throw error
  if (status !== 0) throw new Error(`the keys of ${service} were not rotated`)
}
