import { chassisMigrations } from '@tandem/chassis/database/chassis-migrations'
import type { Migration } from '@tandem/chassis/database/migrations'

export const migrations: readonly Migration[] = [
  ...chassisMigrations,
  {
    name: 'order-service-1-products-and-orders',
    sql: `
      CREATE TABLE products (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        price_cents BIGINT NOT NULL CHECK (price_cents BETWEEN 1 AND 1000000000)
      );
      INSERT INTO products (id, name, price_cents) VALUES
        ('cable', 'USB-C cable, 2 m', 1299),
        ('desk-lamp', 'Desk lamp', 3499),
        ('headphones', 'Headphones', 8999),
        ('keyboard', 'Keyboard', 4999),
        ('laptop-stand', 'Laptop stand', 2999),
        ('monitor', 'Monitor, 27 inch', 24999),
        ('mouse', 'Mouse', 2499),
        ('webcam', 'Webcam', 5999);

      -- due_at is when the settler may take the order next, in milliseconds since the epoch; null where it is settled.
      CREATE TABLE orders (
        id TEXT PRIMARY KEY,
        user_id TEXT NOT NULL,
        items TEXT NOT NULL,
        total_cents BIGINT NOT NULL CHECK (total_cents BETWEEN 1 AND 1000000000),
        status TEXT NOT NULL CHECK (status IN ('pending', 'confirmed', 'rejected', 'cancelling', 'cancelled')),
        reason TEXT CHECK (reason IN ('insufficient-credit', 'user-not-found', 'timed-out', 'requested')),
        created_at TEXT NOT NULL,
        updated_at TEXT NOT NULL,
        due_at BIGINT,
        own_failures BIGINT NOT NULL DEFAULT 0,
        placed_by TEXT NOT NULL,
        idempotency_key TEXT,
        request_hash TEXT,
        UNIQUE (placed_by, idempotency_key),
        CHECK ((due_at IS NOT NULL) = (status IN ('pending', 'cancelling'))),
        CHECK ((reason IS NULL) = (status IN ('pending', 'confirmed')))
      );
      CREATE INDEX orders_of_user ON orders (user_id, id);
      CREATE INDEX orders_by_status ON orders (status, id);
      CREATE INDEX orders_due ON orders (due_at, id) WHERE due_at IS NOT NULL;

      -- What happened to an order, step by step; equal failures in a row are one step that counts them.
      CREATE TABLE order_steps (
        order_id TEXT NOT NULL,
        position BIGINT NOT NULL,
        at TEXT NOT NULL,
        status TEXT NOT NULL,
        detail TEXT NOT NULL,
        failures BIGINT NOT NULL DEFAULT 0,
        PRIMARY KEY (order_id, position)
      );
    `,
  },
  {
    name: 'order-service-2-user-copies',
    sql: `
      -- The name is null once the user was deleted. Changes counts the events of the user that were taken.
      CREATE TABLE user_copies (
        id TEXT PRIMARY KEY,
        name TEXT,
        version BIGINT NOT NULL CHECK (version > 0),
        changes BIGINT NOT NULL CHECK (changes > 0)
      );
    `,
  },
  {
    name: 'order-service-3-many-orders-of-one-user',
    sql: `
      CREATE INDEX orders_of_user_by_status ON orders (user_id, status, id);
      -- Users who were deleted and may have pending orders, which the settler rejects.
      CREATE TABLE departed_users (user_id TEXT PRIMARY KEY);
    `,
  },
  {
    name: 'order-service-4-orders-of-traces',
    additive: true,
    sql: `
      -- The trace of the request that placed the order (W3C Trace Context); null if there was none.
      ALTER TABLE orders ADD COLUMN traceparent TEXT;
    `,
  },
]
