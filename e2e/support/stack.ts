import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export type ServiceName = 'user-service' | 'order-service'
export const serviceNames: readonly ServiceName[] = ['user-service', 'order-service']

export const root = join(__dirname, '../..')
export const project = 'tandem-e2e'
/** Not the default ones, which somebody may be using. */
export const ports = { 'user-service': 3100, 'order-service': 3101 }

/** What Compose hands on from the shell or `.env`, which here is nothing: the stack runs on its defaults. */
const handedOn = [
  'AUTH_MODE',
  'LOG_LEVEL',
  'MAX_IN_FLIGHT',
  'PENDING_TIMEOUT_SECONDS',
  'RATE_LIMIT_PER_MINUTE',
  'SHUTDOWN_GRACE_MS',
  'SIGNUP_CREDIT_CENTS',
  'TRUSTED_SERVICES',
  'TRUST_PROXY',
]
const inherited = Object.entries(process.env).filter(
  ([name]) => !handedOn.includes(name) && !name.startsWith('COMPOSE_'),
)

/** For every command that touches the stack. */
export const environment: NodeJS.ProcessEnv = {
  ...Object.fromEntries(inherited),
  COMPOSE_PROJECT_NAME: project,
  COMPOSE_DISABLE_ENV_FILE: '1',
  USER_SERVICE_PORT: String(ports['user-service']),
  ORDER_SERVICE_PORT: String(ports['order-service']),
}

/** Answers what it printed; throws with all that it printed. */
export async function docker(...args: string[]): Promise<string> {
  try {
    const { stdout } = await run('docker', args, { cwd: root, env: environment, maxBuffer: 2 ** 24 })
    return stdout
  } catch (error) {
    const { message, stdout } = error as Error & { stdout?: string } // as execFile says; the message holds stderr
    throw new Error(`${message}\n${stdout ?? ''}`, { cause: error })
  }
}

export function compose(...args: string[]): Promise<string> {
  return docker('compose', ...args)
}

/** Both services, ready, with what they had on disk. */
export async function startStack(): Promise<void> {
  await compose('up', '--wait')
}

/** Leaves nothing of the stack but the build cache. */
export async function removeStack(): Promise<void> {
  await compose('down', '--volumes', '--remove-orphans', '--rmi', 'local')
  await docker('image', 'prune', '--force', '--filter', `label=com.docker.compose.project=${project}`) // of builds before the last
}

export async function containerOf(service: ServiceName): Promise<string> {
  return (await compose('ps', '--all', '--quiet', service)).trim()
}

/** The part of `docker inspect` that the tests look at. */
export interface Container {
  State: { Running: boolean; ExitCode: number; Health: { Status: string } }
  Config: { User: string; Cmd: string[]; StopTimeout: number }
  HostConfig: {
    RestartPolicy: { Name: string }
    ReadonlyRootfs: boolean
    Privileged: boolean
    CapAdd: string[] | null
    CapDrop: string[]
    SecurityOpt: string[]
    Memory: number
    PidsLimit: number
    Tmpfs: Record<string, string>
    IpcMode: string
  }
  NetworkSettings: { Ports: Record<string, { HostIp: string; HostPort: string }[] | null> }
}

export async function inspect(service: ServiceName): Promise<Container> {
  const [container] = JSON.parse(await docker('inspect', await containerOf(service))) as Container[]
  return container!
}

/** Runs a text of JavaScript in the container; answers what it printed, read as JSON. */
export async function inContainer(service: ServiceName, script: string, ...args: string[]): Promise<unknown> {
  return JSON.parse(await compose('exec', '-T', service, 'node', '-e', script, ...args))
}

const query = `
  const { DatabaseSync } = require('node:sqlite')
  const database = new DatabaseSync(process.env.DATABASE_URL.slice('sqlite:'.length), { readOnly: true })
  console.log(JSON.stringify(database.prepare(process.argv[1]).all()))`

/** What a service's own database holds. */
export async function rowsOf<Row>(service: ServiceName, sql: string): Promise<Row[]> {
  return (await inContainer(service, query, sql)) as Row[]
}
