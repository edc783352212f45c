import { Gauge, type Registry } from 'prom-client'
import type { Database, Lease } from './database'

/** The database, whose leases can be seen from now on: which process has which. */
export function withLeaseMetrics(registry: Registry, database: Database): Database {
  const leases = new Map<string, Lease>()
  new Gauge({
    name: 'lease_held',
    help: 'Whether this process has the lease (1), so that it leads, or competes for it (0)',
    labelNames: ['lease'],
    registers: [registry],
    collect() {
      for (const [lease, { term }] of leases) this.set({ lease }, term ? 1 : 0)
    },
  })
  return {
    ...database,
    lease: (name) => {
      const lease = database.lease(name)
      leases.set(name, lease)
      return lease
    },
  }
}
