import type { Database, Transaction } from '@tandem/chassis/database/database'

/** Counts how many rows each unit writes. */
export function countWrites() {
  let most = 0
  const wrap = (database: Database): Database => ({
    ...database,
    write: (unit) =>
      database.write(async (tx) => {
        let rows = 0
        const counted: Transaction = {
          get: (...given) => tx.get(...given),
          all: (...given) => tx.all(...given),
          run: async (...given) => {
            const changed = await tx.run(...given)
            rows += changed
            return changed
          },
        }
        const result = await unit(counted)
        most = Math.max(most, rows)
        return result
      }),
  })
  return {
    wrap,
    /** Of all units since the last reset, the most rows that one of them has written. */
    most: () => most,
    reset: () => {
      most = 0
    },
  }
}
