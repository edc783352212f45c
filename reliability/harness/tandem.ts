import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { refuse } from '../../scripts/read-arguments.mjs'
import { root } from './compose-project'
import { composeStack } from './compose-stack'
import type { Guard } from './removed-guard'
import { scaleStack } from './scale-stack'
import { serviceNames, startServices, type ServiceName, type Services } from './service-processes'

/** Where a service is reached: a port of this machine, and what comes before its paths there. */
export interface Address {
  port: number
  prefix: string
}

export const sizes = ['processes', 'compose', 'scale'] as const
export type SizeName = (typeof sizes)[number]

/** Both services running, in whatever size, for those who attack them. */
export interface Tandem {
  size: SizeName
  at: Readonly<Record<ServiceName, Address>>
  adminKey: string
  /** If they are processes of this machine. */
  services?: Services
  stack?: ReturnType<typeof composeStack> | ReturnType<typeof scaleStack>
  /** What a service's own database holds. */
  rowsOf: <Row>(service: ServiceName, sql: string) => Promise<Row[]>
  /** Does what no request can. */
  change: (service: ServiceName, sql: string) => Promise<void>
  /** How many of its processes have ended. */
  ended(): Promise<number>
  stop(): Promise<void>
}

interface Options {
  variables?: Partial<Record<ServiceName, NodeJS.ProcessEnv>>
  without?: Guard | undefined
  onPorts?: (ports: Readonly<Record<ServiceName, number>>) => void
}

export function sizeFrom(command: string, given: string, without: string | undefined): SizeName {
  const size = sizes.find((it) => it === given)
  if (without !== undefined && given !== 'processes') refuse(command, '--without takes guards out of processes only')
  return size ?? refuse(command, `--size must be one of ${sizes.join(', ')}`)
}

export const sizesShown = `where they run: ${sizes.join(', ')}; containers are reached through the gateway`

export function startTandem(
  size: SizeName,
  options: Options & { common?: Record<string, string> } = {},
): Promise<Tandem> {
  return size === 'processes' ? startProcesses(options) : startContainers(size, options.common ?? {})
}

/** From the sources, with a guard taken out if asked for. */
export async function startProcesses({ variables, without, onPorts }: Options = {}): Promise<Tandem> {
  const services = await startServices({ without, ...(variables && { variables }), ...(onPorts && { onPorts }) })
  const fileOf = (service: ServiceName) => join(services.folder, `${service}.db`)
  const at = (service: ServiceName) => ({ port: services[service].port, prefix: '' })
  return {
    size: 'processes',
    at: { 'user-service': at('user-service'), 'order-service': at('order-service') },
    adminKey: services.adminKey,
    services,
    rowsOf: async <Row>(service: ServiceName, sql: string) => {
      const database = new DatabaseSync(fileOf(service), { readOnly: true })
      const rows = database.prepare(sql).all()
      database.close()
      return rows as Row[]
    },
    change: async (service, sql) => {
      const database = new DatabaseSync(fileOf(service), { timeout: 5000 })
      database.exec(sql)
      database.close()
    },
    ended: async () => serviceNames.filter((name) => services[name].hasEnded()).length,
    stop: () => services.stop(),
  }
}

const project = 'tandem-security'
const gatewayPort = 3580
const ports = { 'user-service': 3581, 'order-service': 3582, gateway: gatewayPort }

/** In the containers of one of the Compose files, reached through the gateway; they are gone when the process ends. */
export async function startContainers(size: 'compose' | 'scale', variables: Record<string, string>): Promise<Tandem> {
  const given = { RATE_LIMIT_PER_MINUTE: '0', ...variables }
  const small = composeStack({ project, ports, variables: given })
  const large = scaleStack({ project, gatewayPort, variables: given })
  const stack = size === 'compose' ? small : large
  process.on('exit', () => {
    const down = ['compose', 'down', '--volumes', '--remove-orphans', '--rmi', 'local', '--timeout', '1']
    spawnSync('docker', down, { cwd: root, env: stack.environment })
  })
  await stack.removeStack()
  await stack.compose('up', '--build', '--wait')
  const at = (service: ServiceName) => ({ port: gatewayPort, prefix: `/${service}` })
  const inContainer = async (service: ServiceName, sql: string) => {
    await small.compose('exec', '-T', service, 'node', '-e', execute, sql)
  }
  const inPostgres = async (service: ServiceName, sql: string) => {
    const name = service === 'user-service' ? 'users' : 'orders'
    await large.compose('exec', '-T', 'postgres', 'psql', '-q', '-U', 'postgres', '-d', name, '-c', sql)
  }
  return {
    size,
    at: { 'user-service': at('user-service'), 'order-service': at('order-service') },
    adminKey: await stack.adminKey(),
    stack,
    rowsOf: stack.rowsOf,
    change: size === 'compose' ? inContainer : inPostgres,
    ended: async () => {
      const containers = await stack.inspectAll(...serviceNames, 'gateway')
      return containers.filter(({ RestartCount, State }) => RestartCount > 0 || !State.Running).length
    },
    stop: stack.removeStack,
  }
}

const execute = `
  const { DatabaseSync } = require('node:sqlite')
  new DatabaseSync(process.env.DATABASE_URL.slice('sqlite:'.length), { timeout: 5000 }).exec(process.argv[1])`
