import { askPort, type Answer, type Request } from './ask'
import { composeProject } from './compose-project'
import type { ServiceName } from './compose-stack'

interface Options {
  project: string
  gatewayPort: number
  /** Compose files on top of the repository's, from its root. */
  files?: readonly string[]
  /** What a service is told beside its defaults. */
  variables?: Readonly<Record<string, string>>
}

export type ScaleStack = ReturnType<typeof scaleStack>

const databaseOf = { 'user-service': 'users', 'order-service': 'orders' } as const

/** What docker-compose.scale.yml runs, reached through its gateway. */
export function scaleStack({ project, gatewayPort, files = [], variables = {} }: Options) {
  const stack = composeProject({
    project,
    files: ['docker-compose.scale.yml', ...files],
    variables: { GATEWAY_PORT: String(gatewayPort), ...variables },
  })
  const { compose, docker } = stack

  /** Rejects if no complete response arrives in time. */
  function ask(service: ServiceName, request: Request, withinMs?: number): Promise<Answer> {
    return askPort(gatewayPort, { ...request, path: `/${service}${request.path}` }, withinMs)
  }

  async function adminKey(): Promise<string> {
    return (await compose('exec', '-T', 'user-service', 'cat', '/run/secrets/admin-key')).trim()
  }

  /** What a service's database holds. */
  async function rowsOf<Row>(service: ServiceName, sql: string): Promise<Row[]> {
    const asJson = `SELECT COALESCE(json_agg(found), '[]') FROM (${sql}) found`
    const psql = ['psql', '-qtA', '-U', 'postgres', '-d', databaseOf[service], '-c', asJson]
    return JSON.parse(await compose('exec', '-T', 'postgres', ...psql)) as Row[]
  }

  /** How many orders are pending or cancelling. */
  async function unfinished(): Promise<number> {
    const sql = 'SELECT COUNT(*) AS unfinished FROM orders WHERE due_at IS NOT NULL'
    const [row] = await rowsOf<{ unfinished: number }>('order-service', sql)
    return row?.unfinished ?? Number.NaN
  }

  /** How many requests of a kind each replica of a service has had since it started. */
  async function requestsOf(service: ServiceName, method: string, route: string): Promise<number[]> {
    return metricOf(service, `http_request_duration_seconds_count{method="${method}",route="${route}"`)
  }

  /** The sum of the samples that begin so, in each replica of a service. The gateway does not show the metrics. */
  async function metricOf(service: ServiceName, beginning: string): Promise<number[]> {
    const replicas = await stack.containersOf(service)
    return Promise.all(
      replicas.map(async (replica) => Number(await docker('exec', replica, 'node', '-e', sumOfSamples, beginning))),
    )
  }

  return { ...stack, gatewayPort, ask, adminKey, rowsOf, unfinished, requestsOf, metricOf, auditOptions: ['--scale'] }
}

const sumOfSamples = `
  fetch('http://127.0.0.1:' + process.env.PORT + '/metrics').then((metrics) => metrics.text()).then((text) => {
    const lines = text.split('\\n').filter((line) => line.startsWith(process.argv[1]))
    console.log(lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0))
  })`
