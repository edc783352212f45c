import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

const maxMs = 180_000
const maxBuildMs = 600_000

export type ServiceName = 'user-service' | 'order-service'
export const serviceNames: readonly ServiceName[] = ['user-service', 'order-service']
export type ContainerName = ServiceName | 'gateway'

export const root = join(__dirname, '../..')

/** The variables that Compose reads from the shell or `.env`. Here none are set: a stack runs on its defaults. */
const handedOn = [...readFileSync(join(root, 'docker-compose.yml'), 'utf8').matchAll(/\$\{([A-Z_]+)/g)].map(
  ([, name]) => name,
)

/** The part of `docker inspect` that the tests look at. */
export interface Container {
  Id: string
  State: {
    Running: boolean
    ExitCode: number
    OOMKilled: boolean
    /** With the last five checks. */
    Health: { Status: string; Log: { Start: string; ExitCode: number }[] }
  }
  RestartCount: number
  Config: { User: string; Cmd: string[]; StopTimeout: number }
  HostConfig: {
    RestartPolicy: { Name: string }
    ReadonlyRootfs: boolean
    Privileged: boolean
    CapAdd: string[] | null
    CapDrop: string[]
    SecurityOpt: string[]
    Memory: number
    NanoCpus: number
    PidsLimit: number
    LogConfig: { Type: string; Config: Record<string, string> }
    Tmpfs: Record<string, string>
    IpcMode: string
  }
  NetworkSettings: { Ports: Record<string, { HostIp: string; HostPort: string }[] | null> }
}

interface Options {
  project: string
  ports: Record<ContainerName, number>
  /** Compose files on top of the repository's, from its root. */
  files?: readonly string[]
  /** What a service is told beside its defaults. */
  variables?: Readonly<Record<string, string>>
}

export type ComposeStack = ReturnType<typeof composeStack>

/** The gateway and both services as Compose runs them, in a project and at ports of their own. */
export function composeStack({ project, ports, files = [], variables = {} }: Options) {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !handedOn.includes(name) && !name.startsWith('COMPOSE_'),
  )
  /** For every command that touches the stack. */
  const environment: NodeJS.ProcessEnv = {
    ...Object.fromEntries(inherited),
    COMPOSE_PROJECT_NAME: project,
    COMPOSE_DISABLE_ENV_FILE: '1',
    ...(files.length > 0 && { COMPOSE_PATH_SEPARATOR: ':', COMPOSE_FILE: ['docker-compose.yml', ...files].join(':') }),
    USER_SERVICE_PORT: String(ports['user-service']),
    ORDER_SERVICE_PORT: String(ports['order-service']),
    GATEWAY_PORT: String(ports.gateway),
    ...variables,
  }

  /** Answers what it printed; throws with all that it printed. */
  async function docker(...args: string[]): Promise<string> {
    try {
      const timeout = args.includes('build') || args.includes('--build') ? maxBuildMs : maxMs
      const options = { cwd: root, env: environment, maxBuffer: 2 ** 24, timeout, killSignal: 'SIGKILL' } as const
      const { stdout } = await run('docker', args, options)
      return stdout
    } catch (error) {
      const { message, stdout } = error as Error & { stdout?: string } // as execFile says; the message holds stderr
      throw new Error(`${message}\n${stdout ?? ''}`, { cause: error })
    }
  }

  const compose = (...args: string[]): Promise<string> => docker('compose', ...args)

  /** The gateway and both services, ready, with what they had on disk. */
  async function startStack(): Promise<void> {
    await compose('up', '--wait')
  }

  /** Leaves nothing of the stack but the build cache. */
  async function removeStack(): Promise<void> {
    await compose('down', '--volumes', '--remove-orphans', '--rmi', 'local')
    await docker('image', 'prune', '--force', '--filter', `label=com.docker.compose.project=${project}`) // of builds before the last
  }

  async function containerOf(service: ContainerName): Promise<string> {
    return (await compose('ps', '--all', '--quiet', service)).trim()
  }

  async function inspect(service: ContainerName): Promise<Container> {
    const [container] = JSON.parse(await docker('inspect', await containerOf(service))) as Container[]
    if (container === undefined) throw new Error(`there is no container of ${service}`)
    return container
  }

  /** Runs a text of JavaScript in the container; answers what it printed, read as JSON. */
  async function inContainer(service: ServiceName, script: string, ...args: string[]): Promise<unknown> {
    return JSON.parse(await compose('exec', '-T', service, 'node', '-e', script, ...args))
  }

  /** What a service's own database holds. */
  async function rowsOf<Row>(service: ServiceName, sql: string): Promise<Row[]> {
    return (await inContainer(service, query, sql)) as Row[]
  }

  return {
    project,
    ports,
    environment,
    docker,
    compose,
    startStack,
    removeStack,
    containerOf,
    inspect,
    inContainer,
    rowsOf,
  }
}

const query = `
  const { DatabaseSync } = require('node:sqlite')
  const database = new DatabaseSync(process.env.DATABASE_URL.slice('sqlite:'.length), { readOnly: true })
  console.log(JSON.stringify(database.prepare(process.argv[1]).all()))`
