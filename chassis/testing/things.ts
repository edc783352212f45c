import { readFileSync } from 'node:fs'
import type { Database, Transaction } from '@tandem/chassis/database/database'
import type { Migration } from '@tandem/chassis/database/migrations'

/** A table to write to; `parent` is checked at the commit and not before. */
export const thingMigrations: readonly Migration[] = [
  {
    name: 'things',
    sql: `CREATE TABLE things (
            name TEXT PRIMARY KEY,
            parent TEXT REFERENCES things DEFERRABLE INITIALLY DEFERRED
          )`,
  },
]

export function insertThing(tx: Transaction, name: string, parent: string | null = null): Promise<number> {
  return tx.run('INSERT INTO things (name, parent) VALUES (?, ?)', name, parent)
}

export async function storedThings(database: Database): Promise<string[]> {
  const rows = await database.read.all<{ name: string }>('SELECT name FROM things ORDER BY name')
  return rows.map(({ name }) => name)
}

/** How many commits there are in a write-ahead log: the frames that have a size (https://sqlite.org/fileformat2.html). */
export function commitsInLog(databaseFile: string): number {
  const wal = readFileSync(`${databaseFile}-wal`)
  const pageSize = wal.readUInt32BE(8)
  let commits = 0
  for (let frame = 32; frame + 24 + pageSize <= wal.length; frame += 24 + pageSize) {
    const isCurrent = wal.subarray(16, 24).equals(wal.subarray(frame + 8, frame + 16))
    if (isCurrent && wal.readUInt32BE(frame + 4) > 0) commits += 1
  }
  return commits
}
