import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { serviceNames, type Services } from '../harness/service-processes'
import { ask } from '../access/ask'

/** All places where something could be read that should not be there, by name. */
export async function readSinks(services: Services, adminToken: string): Promise<Record<string, string>> {
  const get = async (port: number, path: string, bearer?: string) => {
    const asked = { path, headers: {}, body: undefined }
    return (await ask(port, 'GET', asked, bearer === undefined ? undefined : `Bearer ${bearer}`)).body
  }
  const sinks: Record<string, string> = {}
  for (const name of serviceNames) {
    const { port, pid, output } = services[name]
    sinks[`metrics of ${name}`] = await get(port, '/metrics')
    sinks[`status of ${name}`] = await get(port, '/status', adminToken)
    sinks[`health of ${name}`] = await get(port, '/health')
    sinks[`public pages of ${name}`] =
      `${await get(port, '/')}${await get(port, '/openapi.json')}${await get(port, '/docs')}`
    sinks[`public keys of ${name}`] = await get(port, '/.well-known/jwks.json')
    sinks[`log of ${name}`] = output()
    sinks[`arguments of ${name}`] = readFileSync(`/proc/${pid}/cmdline`, 'latin1')
    sinks[`environment of ${name}`] = readFileSync(`/proc/${pid}/environ`, 'latin1')
  }
  const [users, orders] = [services['user-service'].port, services['order-service'].port]
  sinks['the feed'] = await get(users, '/events?limit=1000', adminToken)
  sinks['the feed of orders'] = await get(orders, '/events?limit=1000', adminToken)
  sinks['parked events'] = await get(orders, '/parked-events', adminToken)
  const files = readdirSync(services.folder).filter((file) => file !== 'admin-key') // which is where that key belongs
  sinks.databases = files.map((file) => readFileSync(join(services.folder, file), 'latin1')).join('\n')
  sinks['rows of databases'] = serviceNames.map((name) => rowsOf(join(services.folder, `${name}.db`))).join('\n')
  return sinks
}

/** All rows of all tables. */
function rowsOf(file: string): string {
  const database = new DatabaseSync(file, { readOnly: true })
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all() as { name: string }[]
  const rows = tables.map(({ name }) => JSON.stringify(database.prepare(`SELECT * FROM "${name}"`).all()))
  database.close()
  return rows.join('\n')
}
