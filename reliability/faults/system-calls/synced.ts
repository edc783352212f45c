import type { SystemCall } from './trace'

interface Promised {
  /** Finds the ids of what is written in a page of the database. */
  stored: RegExp
  /** Finds the ids in what leaves the process, which says that they are stored. */
  told: RegExp
}

/** Of what left a service: how often, and how often before that what it says was written and the file was synced. */
export function countTold(calls: readonly SystemCall[], { stored, told }: Promised): { told: number; early: number } {
  const written = new Set<string>()
  const synced = new Set<string>()
  const count = { told: 0, early: 0 }
  for (const call of calls) {
    if (isSync(call)) {
      for (const id of written) synced.add(id)
      written.clear()
    } else if (call.name === 'pwrite64') {
      for (const [, id = ''] of call.given.matchAll(stored)) if (!synced.has(id)) written.add(id)
    } else {
      for (const [, id = ''] of call.given.matchAll(told)) {
        count.told += 1
        if (!synced.has(id)) count.early += 1
      }
    }
  }
  return count
}

/** A sync of the database's log that succeeded. */
export function isSync({ name, given }: SystemCall): boolean {
  return (name === 'fsync' || name === 'fdatasync') && /-wal>\) += 0$/.test(given)
}
