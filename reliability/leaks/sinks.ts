import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ask } from '../access/ask'
import { serviceNames, type ServiceName, type Services } from '../harness/service-processes'
import type { Tandem } from '../harness/tandem'

/** What is found in a place, by its name. */
export type Sinks = Record<string, string>

/** What is the same in every size: what the services return, and the rows of their databases. */
export async function sinksOfAnySize({ at, rowsOf, size }: Tandem, adminToken: string): Promise<Sinks> {
  const get = async (service: ServiceName, path: string, bearer?: string) => {
    const asked = { path, headers: {}, body: undefined }
    return (await ask(at[service], 'GET', asked, bearer === undefined ? undefined : `Bearer ${bearer}`)).body
  }
  const sinks: Sinks = {}
  for (const name of serviceNames) {
    sinks[`status of ${name}`] = await get(name, '/status', adminToken)
    sinks[`health of ${name}`] = await get(name, '/health')
    sinks[`public pages of ${name}`] =
      `${await get(name, '/')}${await get(name, '/openapi.json')}${await get(name, '/docs')}`
    sinks[`public keys of ${name}`] = await get(name, '/.well-known/jwks.json')
  }
  sinks['the feed'] = await get('user-service', '/events?limit=1000', adminToken)
  sinks['the feed of orders'] = await get('order-service', '/events?limit=1000', adminToken)
  sinks['parked events'] = await get('order-service', '/parked-events', adminToken)
  const tables =
    size === 'scale'
      ? "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'"
      : "SELECT name FROM sqlite_schema WHERE type = 'table'"
  let rows = ''
  for (const service of serviceNames)
    for (const { name } of await rowsOf<{ name: string }>(service, tables))
      rows += JSON.stringify(await rowsOf(service, `SELECT * FROM "${name}"`))
  return { ...sinks, 'rows of databases': rows }
}

/** Of processes of this machine. */
export async function sinksOfProcesses(services: Services): Promise<Sinks> {
  const sinks: Sinks = {}
  for (const name of serviceNames) {
    const { port, pid, output } = services[name]
    sinks[`metrics of ${name}`] = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    sinks[`log of ${name}`] = output()
    sinks[`arguments of ${name}`] = readFileSync(`/proc/${pid}/cmdline`, 'latin1')
    sinks[`environment of ${name}`] = readFileSync(`/proc/${pid}/environ`, 'latin1')
  }
  const files = readdirSync(services.folder).filter((file) => file !== 'admin-key') // which is where that key belongs
  sinks.databases = files.map((file) => readFileSync(join(services.folder, file), 'latin1')).join('\n')
  return sinks
}
