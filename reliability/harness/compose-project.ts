import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

const maxMs = 180_000
const maxBuildMs = 600_000

export const defaultFile = 'docker-compose.yml'

export const root = join(__dirname, '../..')

/** The part of `docker inspect` that the tests look at. */
export interface Container {
  Id: string
  State: {
    Running: boolean
    StartedAt: string
    ExitCode: number
    OOMKilled: boolean
    /** With the last five checks. */
    Health: { Status: string; Log: { Start: string; ExitCode: number }[] }
  }
  RestartCount: number
  Image: string
  Config: {
    User: string
    Cmd: string[]
    Env: string[]
    StopTimeout: number
    Labels: Record<string, string>
    Healthcheck?: { Test: string[] }
  }
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
  NetworkSettings: {
    Ports: Record<string, { HostIp: string; HostPort: string }[] | null>
    Networks: Record<string, unknown>
  }
}

interface Options {
  project: string
  /** The Compose files, from the root of the repository. */
  files: readonly string[]
  /** What the files read. All that is not here has its default. */
  variables: Readonly<Record<string, string>>
}

/** Containers that Compose runs, in a project of their own. */
export function composeProject({ project, files, variables }: Options) {
  // Compose also reads them from the shell and `.env`; here a stack runs on its defaults.
  const handedOn = new Set(
    files.flatMap((file) =>
      [...readFileSync(join(root, file), 'utf8').matchAll(/\$\{([A-Z_]+)/g)].map(([, name]) => name),
    ),
  )
  const inherited = Object.entries(process.env).filter(([name]) => !handedOn.has(name) && !name.startsWith('COMPOSE_'))
  /** For every command that touches the stack. */
  const environment: NodeJS.ProcessEnv = {
    ...Object.fromEntries(inherited),
    COMPOSE_PROJECT_NAME: project,
    COMPOSE_DISABLE_ENV_FILE: '1',
    ...(files.join() !== defaultFile && { COMPOSE_PATH_SEPARATOR: ':', COMPOSE_FILE: files.join(':') }),
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

  /** All containers, ready, with what they had on disk. */
  async function startStack(): Promise<void> {
    await compose('up', '--wait')
  }

  /** Leaves nothing of the stack but the build cache. */
  async function removeStack(): Promise<void> {
    await compose('down', '--volumes', '--remove-orphans', '--rmi', 'local')
    await docker('image', 'prune', '--force', '--filter', `label=com.docker.compose.project=${project}`) // of builds before the last
  }

  /** The containers of a service, or of all. */
  async function containersOf(...services: string[]): Promise<string[]> {
    return (await compose('ps', '--all', '--quiet', ...services)).split('\n').filter(Boolean)
  }

  async function inspectAll(...services: string[]): Promise<Container[]> {
    return JSON.parse(await docker('inspect', ...(await containersOf(...services)))) as Container[]
  }

  return { project, environment, docker, compose, startStack, removeStack, containersOf, inspectAll }
}
