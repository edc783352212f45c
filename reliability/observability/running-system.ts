import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { postgresServer } from '../../scripts/postgres-server.mjs'
import { Callers } from './callers'
import type { System } from './faults'
import { createDatabase } from './own-database'
import { startPrometheus, type Prometheus } from './prometheus'
import { freePort, ServiceProcess } from './service-process'
import { wayTo } from './way-to'

export type RunningSystem = System & { prometheus: Prometheus }

/** What removes all that was started or made, the last one first. */
export type CleanUps = (() => unknown)[]

/** Both services, each on a database of its own, callers that send orders, and Prometheus. */
export async function startSystem(command: string, cleanUps: CleanUps): Promise<RunningSystem> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-observability-'))
  cleanUps.push(() => {
    rmSync(folder, { recursive: true })
  })
  const server = await postgresServer(command)
  cleanUps.push(() => {
    server.remove()
  })
  const usersDatabase = await createDatabase(server.url)
  cleanUps.push(usersDatabase.drop)
  const database = await createDatabase(server.url)
  cleanUps.push(database.drop)
  const wayToDatabase = await wayTo(database.url)
  cleanUps.push(() => wayToDatabase.remove())

  const ports = { 'user-service': await freePort(), 'order-service': await freePort() }
  const adminKeyFile = join(folder, 'admin-key')
  const users = new ServiceProcess({
    name: 'user-service',
    port: ports['user-service'],
    folder,
    environment: {
      ADMIN_KEY_FILE: adminKeyFile,
      DATABASE_URL: usersDatabase.url,
      RATE_LIMIT_PER_MINUTE: '60',
      SIGNUP_CREDIT_CENTS: '1000000000',
      TRUSTED_SERVICES: `order-service=http://127.0.0.1:${ports['order-service']}/.well-known/jwks.json`,
    },
  })
  const orders = new ServiceProcess({
    name: 'order-service',
    port: ports['order-service'],
    folder,
    environment: {
      DATABASE_URL: wayToDatabase.url,
      USER_SERVICE_URL: `http://127.0.0.1:${ports['user-service']}`,
    },
  })
  for (const service of [users, orders]) cleanUps.push(() => service.kill())
  await Promise.all([users.start(), orders.start()])

  const callers = new Callers({ users: users.port, orders: orders.port, adminKeyFile })
  cleanUps.push(() => callers.stop())
  await callers.start()
  const prometheus = await startPrometheus({ folder, services: ports, cleanUps })
  return { users, orders, database, wayToDatabase, callers, prometheus }
}
