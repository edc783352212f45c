import type { Migration } from './database/migrations'

/** The tables that the chassis itself keeps in each service's database. */
export const chassisMigrations: readonly Migration[] = [
  {
    name: 'chassis-1-events-and-keys',
    sql: `
      CREATE TABLE events (
        sequence BIGINT PRIMARY KEY CHECK (sequence > 0),
        id TEXT NOT NULL UNIQUE,
        type TEXT NOT NULL,
        subject TEXT NOT NULL,
        time TEXT NOT NULL,
        data TEXT NOT NULL
      );
      CREATE TABLE signing_keys (kid TEXT PRIMARY KEY, private_jwk TEXT NOT NULL, created_at TEXT NOT NULL);
      CREATE TABLE trusted_key_sets (issuer TEXT PRIMARY KEY, jwks TEXT NOT NULL, fetched_at TEXT NOT NULL);
    `,
  },
]
