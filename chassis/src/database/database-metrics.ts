import { Histogram, type Registry } from 'prom-client'
import type { Database } from './database'

export function databaseMetrics(registry: Registry, database: Database): void {
  const unitsPerCommit = new Histogram({
    name: 'database_commit_units',
    help: 'Units of work in one commit',
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
    registers: [registry],
  })
  database.onCommit((units) => {
    unitsPerCommit.observe(units)
  })
}
