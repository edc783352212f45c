import type { Database, Term } from './database'

/** The database, but its writes fail with DatabaseUnavailable once another process may have the lease. */
export function fenced(database: Database, term: () => Term | undefined): Database {
  return {
    ...database,
    write: (unit) =>
      database.write(async (tx) => {
        await term()?.assertLasts(tx)
        return unit(tx)
      }),
  }
}
