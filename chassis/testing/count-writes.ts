import type { Database, Transaction } from '@tandem/chassis/database/database'

/** Counts how many rows each unit writes. */
export function countWrites() {
  let maxRows = 0
  const wrap = (database: Database): Database => ({
    ...database,
    write: (unit) =>
      database.write(async (tx) => {
        let rows = 0
        const counted: Transaction = {
          isConcurrent: tx.isConcurrent,
          get: (...given) => tx.get(...given),
          all: (...given) => tx.all(...given),
          run: async (...given) => {
            const changed = await tx.run(...given)
            rows += changed
            return changed
          },
        }
        const result = await unit(counted)
        maxRows = Math.max(maxRows, rows)
        return result
      }),
  })
  return {
    wrap,
    /** The maximum number of rows that one unit has written since the last reset. */
    maxRows: () => maxRows,
    reset: () => {
      maxRows = 0
    },
  }
}
