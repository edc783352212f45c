import type { Transaction } from '@tandem/chassis/database/database'
import type { Migration } from '@tandem/chassis/database/migrations'

/** The effect of an event is one more row, so that a second effect of the same event shows. */
export const effectsMigration: Migration = {
  name: 'effects',
  sql: 'CREATE TABLE effects (number BIGINT PRIMARY KEY, name TEXT NOT NULL)',
}

export function insertEffect(tx: Transaction, name: string): Promise<number> {
  return tx.run('INSERT INTO effects (number, name) SELECT COALESCE(MAX(number), 0) + 1, ? FROM effects', name)
}
