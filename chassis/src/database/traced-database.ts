import { inCurrentScope, inSpan } from '../tracing/tracing'
import type { Database } from './database'

/** The database, with a span for each transaction that belongs to a trace. */
export function tracedDatabase(database: Database, system: 'sqlite' | 'postgresql'): Database {
  const options = { kind: 'client', attributes: { 'db.system.name': system } } as const
  return {
    ...database,
    // A unit may run in the turn of another one, with which it shares a commit.
    write: (unit) => inSpan('transaction', options, () => database.write(inCurrentScope(unit))),
  }
}
