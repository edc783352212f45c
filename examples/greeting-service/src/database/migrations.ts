import { chassisMigrations } from '@tandem/chassis/database/chassis-migrations'
import type { Migration } from '@tandem/chassis/database/migrations'

/** Migrations that have run anywhere are never changed: a change of the tables is one more, at the end. */
export const migrations: readonly Migration[] = [
  ...chassisMigrations,
  {
    name: 'greeting-service-1-greetings',
    sql: `CREATE TABLE greetings (
      id TEXT PRIMARY KEY,
      user_id TEXT NOT NULL,
      words TEXT NOT NULL,
      created_at TEXT NOT NULL
    )`,
  },
]
