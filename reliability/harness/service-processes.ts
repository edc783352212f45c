import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Guard } from './removed-guard'
import { eventually } from './eventually'

const root = join(__dirname, '../..')

export const serviceNames = ['user-service', 'order-service'] as const
export type ServiceName = (typeof serviceNames)[number]

export interface ServiceProcess {
  name: ServiceName
  port: number
  pid: number
  /** What it printed so far, to stdout and stderr. */
  output: () => string
  hasEnded: () => boolean
}

export interface Services {
  'user-service': ServiceProcess
  'order-service': ServiceProcess
  /** Where their databases and the admin key are. */
  folder: string
  adminKey: string
  stop(): Promise<void>
}

interface Options {
  variables?: Partial<Record<ServiceName, NodeJS.ProcessEnv>>
  /** A guard that is taken out of the sources as they are loaded. */
  without?: Guard | undefined
  /** Called with their ports before they are started. */
  onPorts?: (ports: Readonly<Record<ServiceName, number>>) => void
}

const children = new Set<ChildProcess>()
const folders = new Set<string>()

/** Whatever was started is gone when the process ends, however it does. */
export function leaveNothing(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1))
  process.on('exit', () => {
    for (const child of children) child.kill('SIGKILL')
    for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  })
}

/** Both services from their sources, on SQLite in a new folder. */
export async function startServices({ variables = {}, without, onPorts }: Options = {}): Promise<Services> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-security-'))
  folders.add(folder)
  const ports = await freePorts()
  onPorts?.(ports)
  const { 'user-service': userPort, 'order-service': orderPort } = ports
  const jwks = `http://127.0.0.1:${orderPort}/.well-known/jwks.json`
  const given = {
    'user-service': { ADMIN_KEY_FILE: join(folder, 'admin-key'), TRUSTED_SERVICES: `order-service=${jwks}` },
    'order-service': { USER_SERVICE_URL: `http://127.0.0.1:${userPort}` },
  }
  const start = (name: ServiceName, port: number) =>
    run(name, port, without, {
      DATABASE_URL: `sqlite:${join(folder, `${name}.db`)}`,
      RATE_LIMIT_PER_MINUTE: '0',
      ...given[name],
      ...variables[name],
    })
  const user = start('user-service', userPort)
  await isReady(user)
  const order = start('order-service', orderPort)
  await isReady(order)
  return {
    'user-service': user,
    'order-service': order,
    folder,
    adminKey: readFileSync(join(folder, 'admin-key'), 'utf8').trim(),
    stop: async () => {
      for (const { child } of [order, user]) await stop(child)
      rmSync(folder, { recursive: true, maxRetries: 3 })
      folders.delete(folder)
    },
  }
}

function run(name: ServiceName, port: number, without: Guard | undefined, variables: NodeJS.ProcessEnv) {
  const args = [...heap, '-C', 'development', '-r', join(__dirname, 'run-without-guard.cjs'), join(name, 'src/main.ts')]
  const env = {
    PATH: process.env.PATH,
    PORT: String(port),
    HOST: '127.0.0.1',
    ...variables,
    ...(without && { REMOVED_GUARD: JSON.stringify(without) }),
  }
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
  children.add(child)
  child.once('exit', () => children.delete(child))
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => (output = (output + chunk).slice(-maxOutput)))
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null
  return { name, port, pid: child.pid ?? 0, output: () => output, hasEnded, child }
}

/** As in the images. */
const heap = ['--max-semi-space-size=4', '--max-old-space-size=64']
const maxOutput = 64 * 1024 * 1024

function isReady({ name, port, hasEnded, output }: ServiceProcess): Promise<true> {
  return eventually(30_000, `${name} is ready`, async () => {
    if (hasEnded()) throw new Error(`${name} did not start: ${output()}`)
    const response = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => undefined)
    return response?.ok === true ? true : undefined
  })
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}

/** Two that nobody listens on now. */
async function freePorts(): Promise<Record<ServiceName, number>> {
  const servers = serviceNames.map(() => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const [user = 0, order = 0] = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return { 'user-service': user, 'order-service': order }
}

/** The memory that a process owns, in kB; undefined if the system does not say. */
export function anonymousMemory(pid: number): number | undefined {
  try {
    return Number(/RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
  } catch {
    return undefined
  }
}
