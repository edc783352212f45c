import { Registry } from 'prom-client'
import { chassisMigrations } from '@tandem/chassis/database/chassis-migrations'
import type { Database, Lease } from '@tandem/chassis/database/database'
import { databaseMetrics } from '@tandem/chassis/database/database-metrics'
import { withLeaseMetrics } from '@tandem/chassis/database/lease-metrics'
import { soleLease } from '@tandem/chassis/database/sole-lease'
import { temporaryDatabase } from '../../testing/temporary-database'

async function metricsOf(change: (database: Database) => Database = (database) => database) {
  const registry = new Registry()
  databaseMetrics(registry, change(await temporaryDatabase(chassisMigrations)))
  return registry.metrics()
}

describe('The metrics of a database', () => {
  it('say that it is up if it can be read', async () => {
    expect(await metricsOf()).toMatch(/^database_up 1$/m)
  })

  it.each([
    ['a read fails', () => Promise.reject(new Error('gone'))],
    ['no read ends', () => new Promise<never>(() => undefined)],
  ])('say that it is not up if %s', async (_situation, get) => {
    const text = await metricsOf((database) => ({ ...database, read: { ...database.read, get } }))
    expect(text).toMatch(/^database_up 0$/m)
  })

  it('count the connections of its pool and who waits for one', async () => {
    const text = await metricsOf((database) => ({ ...database, poolUse: () => ({ used: 4, idle: 1, waiting: 7 }) }))
    expect(text).toMatch(/^database_pool_connections{state="used"} 4$/m)
    expect(text).toMatch(/^database_pool_connections{state="idle"} 1$/m)
    expect(text).toMatch(/^database_pool_waiting 7$/m)
  })
})

test('The metrics of leases say which of them this process has, and 0 once it is lost', async () => {
  const registry = new Registry()
  const mine = { ...soleLease }
  const lost: Lease = { ...soleLease, term: undefined }
  const database = withLeaseMetrics(registry, {
    ...(await temporaryDatabase(chassisMigrations)),
    lease: (name) => (name === 'mine' ? mine : lost),
  })
  for (const name of ['mine', 'other']) database.lease(name)
  expect(await registry.metrics()).toMatch(/^lease_held{lease="mine"} 1\nlease_held{lease="other"} 0$/m)
  mine.term = undefined
  expect(await registry.metrics()).toMatch(/^lease_held{lease="mine"} 0$/m)
})
