import type { Migration } from '@tandem/chassis/database/migrations'

/** The effect of an event is one more row, so that a second effect of the same event shows. */
export const effectsMigration: Migration = {
  name: 'effects',
  sql: 'CREATE TABLE effects (number INTEGER PRIMARY KEY, name TEXT NOT NULL)',
}
