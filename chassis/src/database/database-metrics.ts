import { Gauge, Histogram, type Registry } from 'prom-client'
import { within } from '../within'
import type { Database, PoolUse } from './database'
import { pingDatabase } from './migrations'

const maxPingMs = 1_500

export function databaseMetrics(registry: Registry, database: Pick<Database, 'read' | 'onCommit' | 'poolUse'>): void {
  const registers = [registry]
  const unitsPerCommit = new Histogram({
    name: 'database_commit_units',
    help: 'Units of work in one commit',
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
    registers,
  })
  database.onCommit((units) => {
    unitsPerCommit.observe(units)
  })
  new Gauge({
    name: 'database_up',
    help: 'Whether a read of the database succeeds in time (1) or not (0)',
    registers,
    async collect() {
      this.set((await responds(database)) ? 1 : 0)
    },
  })
  const { poolUse } = database
  if (poolUse) poolMetrics(registry, poolUse)
}

async function responds({ read }: Pick<Database, 'read'>): Promise<boolean> {
  const ping = pingDatabase(read).then(
    () => true,
    () => false,
  )
  return (await within(maxPingMs, ping)) ?? false
}

function poolMetrics(registry: Registry, poolUse: () => PoolUse): void {
  const registers = [registry]
  new Gauge({
    name: 'database_pool_connections',
    help: 'Connections to the database, by whether they are in use',
    labelNames: ['state'],
    registers,
    collect() {
      const { used, idle } = poolUse()
      this.set({ state: 'used' }, used)
      this.set({ state: 'idle' }, idle)
    },
  })
  new Gauge({
    name: 'database_pool_waiting',
    help: 'Who waits for a connection to the database',
    registers,
    collect() {
      this.set(poolUse().waiting)
    },
  })
}
