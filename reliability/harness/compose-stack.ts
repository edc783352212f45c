import { askPort, type Answer, type Request } from './ask'
import { composeProject, defaultFile, type Container } from './compose-project'

export { root, type Container } from './compose-project'

export type ServiceName = 'user-service' | 'order-service'
export const serviceNames: readonly ServiceName[] = ['user-service', 'order-service']
export type ContainerName = ServiceName | 'gateway'

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
  const stack = composeProject({
    project,
    files: [defaultFile, ...files],
    variables: {
      USER_SERVICE_PORT: String(ports['user-service']),
      ORDER_SERVICE_PORT: String(ports['order-service']),
      GATEWAY_PORT: String(ports.gateway),
      ...variables,
    },
  })
  const { compose, containersOf, inspectAll } = stack

  /** Rejects if no complete response arrives in time. */
  function ask(service: ServiceName, request: Request, withinMs?: number): Promise<Answer> {
    return askPort(ports[service], request, withinMs)
  }

  async function adminKey(): Promise<string> {
    return (await compose('exec', '-T', 'user-service', 'cat', '/data/admin-key')).trim()
  }

  async function containerOf(service: ContainerName): Promise<string> {
    return (await containersOf(service)).join()
  }

  async function inspect(service: ContainerName): Promise<Container> {
    const [container] = await inspectAll(service)
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

  /** How many orders are pending or cancelling. */
  async function unfinished(): Promise<number> {
    const sql = 'SELECT COUNT(*) AS unfinished FROM orders WHERE due_at IS NOT NULL'
    const [row] = await rowsOf<{ unfinished: number }>('order-service', sql)
    return row?.unfinished ?? Number.NaN
  }

  return { ...stack, ports, ask, adminKey, containerOf, inspect, inContainer, rowsOf, unfinished, auditOptions: [] }
}

const query = `
  const { DatabaseSync } = require('node:sqlite')
  const database = new DatabaseSync(process.env.DATABASE_URL.slice('sqlite:'.length), { readOnly: true })
  console.log(JSON.stringify(database.prepare(process.argv[1]).all()))`
