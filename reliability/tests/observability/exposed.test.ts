import { join } from 'node:path'
import { Registry } from 'prom-client'
import type { Database } from '@tandem/chassis/database/database'
import { databaseMetrics } from '@tandem/chassis/database/database-metrics'
import { numberingMetrics } from '@tandem/chassis/events/numbering-metrics'
import { silentLog as log } from '@tandem/chassis/log'
import { startService } from '@tandem/chassis/service/start-service'
import type { ServiceDefinition } from '@tandem/chassis/service/service-definition'
import { realSystem as system } from '@tandem/chassis/system'
import { freePort } from '../../../chassis/testing/server'
import { afterThisTest, temporaryFolder } from '../../../chassis/testing/temporary'
import { readConfig as readOrderConfig } from '../../../order-service/src/config'
import { orderService } from '../../../order-service/src/service'
import { readConfig as readUserConfig } from '../../../user-service/src/config'
import { userService } from '../../../user-service/src/service'
import { dashboardQueries, metricsIn, readAlerts } from '../../observability/queries'
import { anchorsOf } from '../docs/documents'

const alerts = readAlerts()
/** Prometheus makes these itself. */
const ofPrometheus = ['up', 'ALERTS']

const namesIn = (text: string) =>
  [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name = '', type]) =>
    type === 'histogram' ? ['bucket', 'sum', 'count'].map((part) => `${name}_${part}`) : [name],
  )

/** What both services expose, with a broker that is away. */
async function exposedNames(): Promise<string[]> {
  const folder = temporaryFolder()
  const environment = {
    PORT: '0',
    SHUTDOWN_DELAY_MS: '0',
    SHUTDOWN_GRACE_MS: '0',
    BROKER_URL: `amqp://127.0.0.1:${await freePort()}`,
  }
  const texts: string[] = []
  const start = async (definition: ServiceDefinition, config: Parameters<typeof startService>[0]['config']) => {
    const service = await startService({ definition, config, version: '0.0.0', system, log })
    afterThisTest(() => service.stop())
    texts.push(await (await fetch(`http://127.0.0.1:${service.port}/metrics`)).text())
  }
  const users = readUserConfig({ ...environment, DATABASE_URL: `sqlite:${join(folder, 'users.db')}` }, '/')
  await start(userService(users), users)
  const orders = readOrderConfig({ ...environment, DATABASE_URL: `sqlite:${join(folder, 'orders.db')}` }, '/')
  await start(orderService(orders), orders)
  return [...texts, await onPostgres()].flatMap(namesIn)
}

/** What they have only with PostgreSQL. */
async function onPostgres(): Promise<string> {
  const registry = new Registry()
  const read = { get: async () => undefined, all: async () => [] }
  const database: Pick<Database, 'read' | 'onCommit' | 'poolUse'> = {
    read,
    onCommit: () => undefined,
    poolUse: () => ({ used: 0, idle: 0, waiting: 0 }),
  }
  databaseMetrics(registry, database)
  numberingMetrics(registry, { failures: 0 }, { database, system })
  return registry.metrics()
}

test('the services expose every metric that the dashboard and the alerts read', async () => {
  const read = [...dashboardQueries(), ...alerts].flatMap(({ expr }) => metricsIn(expr))
  expect(read.length).toBeGreaterThan(30)
  const exposed = [...(await exposedNames()), ...ofPrometheus]
  expect([...new Set(read)].filter((name) => !exposed.includes(name))).toEqual([])
})

test.each(alerts)('$name has a summary, and a runbook that exists and has its name', ({ name, summary, runbook }) => {
  expect(summary).toMatch(/\w{3}/)
  const [file = '', anchor] = runbook.split('#')
  expect(anchor).toBe(name.toLowerCase())
  expect(anchorsOf(file)).toContain(anchor)
})
