import { chassisMigrations } from '@tandem/chassis/database/chassis-migrations'
import type { Migration } from '@tandem/chassis/database/migrations'

export const migrations: readonly Migration[] = [
  ...chassisMigrations,
  {
    name: 'user-service-1-users-and-credit',
    sql: `
      CREATE TABLE users (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        email TEXT NOT NULL,
        email_key TEXT NOT NULL UNIQUE,
        credit_cents BIGINT NOT NULL CHECK (credit_cents BETWEEN 0 AND 9007199254740991),
        version BIGINT NOT NULL CHECK (version > 0),
        created_at TEXT NOT NULL,
        updated_at TEXT NOT NULL
      );

      CREATE TABLE api_keys (hash TEXT PRIMARY KEY, subject TEXT NOT NULL, created_at TEXT NOT NULL);
      CREATE INDEX api_keys_of_subject ON api_keys (subject);

      CREATE TABLE deposits (
        id TEXT PRIMARY KEY,
        user_id TEXT NOT NULL,
        amount_cents BIGINT NOT NULL CHECK (amount_cents BETWEEN 1 AND 1000000000),
        credit_cents BIGINT NOT NULL CHECK (credit_cents BETWEEN 0 AND 9007199254740991),
        made_by TEXT,
        idempotency_key TEXT,
        created_at TEXT NOT NULL,
        UNIQUE (made_by, idempotency_key)
      );
      CREATE INDEX deposits_of_user ON deposits (user_id);

      -- One row for each order that was decided on: the first decision stands. A release that came before its hold has no
      -- amount.
      CREATE TABLE holds (
        order_id TEXT PRIMARY KEY,
        user_id TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('held', 'refused', 'released')),
        amount_cents BIGINT CHECK (amount_cents BETWEEN 1 AND 1000000000),
        decided_at TEXT NOT NULL,
        CHECK (state = 'released' OR amount_cents IS NOT NULL)
      );
      CREATE INDEX holds_of_user ON holds (user_id);
      CREATE INDEX events_of_subject ON events (subject);
    `,
  },
  {
    name: 'user-service-2-erasure-in-pages',
    sql: `
      DROP INDEX holds_of_user;
      CREATE INDEX held_of_user ON holds (user_id) WHERE state = 'held';
      DROP INDEX events_of_subject;
      CREATE INDEX events_of_subject ON events (subject, id);
      CREATE INDEX deleted_users ON events (subject) WHERE type = 'user.deleted';
    `,
  },
  {
    name: 'user-service-3-deposited-cents',
    sql: `
      -- All that was ever deposited, so that a deposit need not read the earlier ones.
      ALTER TABLE users ADD COLUMN deposited_cents BIGINT NOT NULL DEFAULT 0
        CHECK (deposited_cents BETWEEN 0 AND 9007199254740991);
      UPDATE users SET deposited_cents =
        (SELECT COALESCE(SUM(amount_cents), 0) FROM deposits WHERE user_id = users.id);
      DROP INDEX deposits_of_user;
    `,
  },
  {
    name: 'user-service-4-expected-holds',
    sql: `
      -- While holds are reconciled after a restore: what order-service's records have. Else empty.
      CREATE TABLE expected_holds (
        order_id TEXT PRIMARY KEY,
        user_id TEXT NOT NULL,
        amount_cents BIGINT NOT NULL,
        is_confirmed BIGINT NOT NULL
      );
    `,
  },
  {
    name: 'user-service-5-one-key-each',
    sql: `
      DROP INDEX api_keys_of_subject;
      CREATE UNIQUE INDEX api_keys_of_subject ON api_keys (subject);
    `,
  },
]
