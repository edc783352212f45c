import type { Migration } from './migrations'

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
  {
    name: 'chassis-2-followed-feeds',
    sql: `
      -- How far another service's feed was followed; no row before its first event.
      CREATE TABLE followed_feeds (feed TEXT PRIMARY KEY, last_event_id TEXT NOT NULL);
      -- Each event that took effect or was parked: it takes no effect a second time.
      CREATE TABLE seen_events (feed TEXT NOT NULL, event_id TEXT NOT NULL, PRIMARY KEY (feed, event_id));
      -- Those that could not be handled. The event itself is read from the feed again: it comes after after_event_id.
      CREATE TABLE parked_events (
        feed TEXT NOT NULL,
        event_id TEXT NOT NULL,
        after_event_id TEXT,
        error TEXT NOT NULL,
        parked_at TEXT NOT NULL,
        PRIMARY KEY (feed, event_id)
      );
    `,
  },
  {
    name: 'chassis-3-redactions',
    sql: `
      -- Subjects whose events lose these members of their data, which are a JSON array. The feed shows them as null already;
      -- in the log, that is done up to after_event_id.
      CREATE TABLE redactions (
        subject TEXT PRIMARY KEY,
        members TEXT NOT NULL,
        after_event_id TEXT NOT NULL,
        since TEXT NOT NULL
      );
    `,
  },
  {
    name: 'chassis-4-followers-that-die-or-start-over',
    sql: `
      -- The head of the first page that the last life of the process has begun, or the event that it has begun to handle
      -- alone; and how many lives have begun to handle it alone, one after the other.
      CREATE TABLE tried_events (feed TEXT PRIMARY KEY, event_id TEXT NOT NULL, lives BIGINT NOT NULL);
      -- Feeds that are to be followed from their start, once what was made of their events is deleted.
      CREATE TABLE emptied_feeds (feed TEXT PRIMARY KEY);
    `,
  },
  {
    name: 'chassis-5-events-numbered-after-their-commit',
    only: 'postgres',
    sql: `
      -- Transactions that run at once would get numbers that are not in the order of their commits. So an event has none
      -- at first; position is the order in which the events of one subject were appended.
      ALTER TABLE events DROP CONSTRAINT events_pkey;
      ALTER TABLE events ALTER COLUMN sequence DROP NOT NULL;
      ALTER TABLE events ADD UNIQUE (sequence);
      ALTER TABLE events ADD COLUMN position BIGINT GENERATED ALWAYS AS IDENTITY;
      CREATE INDEX events_without_number ON events (position) WHERE sequence IS NULL;
    `,
  },
  {
    name: 'chassis-6-leases',
    only: 'postgres',
    sql: `
      -- What one process at a time may do, and which one does it now. The unique index makes the term part of a key: who
      -- raises it waits for the transactions that have locked the row FOR KEY SHARE.
      CREATE TABLE leases (
        name TEXT PRIMARY KEY,
        term BIGINT NOT NULL,
        holder TEXT NOT NULL,
        expires_at TIMESTAMPTZ NOT NULL,
        UNIQUE (name, term)
      );
      -- How far the process that follows the feed has said that it is behind; times in milliseconds since the epoch.
      CREATE TABLE feed_lags (feed TEXT PRIMARY KEY, events BIGINT, behind_since BIGINT, measured_at BIGINT NOT NULL);
    `,
  },
  {
    name: 'chassis-7-relays',
    sql: `
      -- How far the events were published to the broker; null before the first.
      CREATE TABLE relays (relay TEXT PRIMARY KEY, last_event_id TEXT);
    `,
  },
  {
    name: 'chassis-8-events-of-traces',
    additive: true,
    sql: `
      -- The trace of the request that led to the event (W3C Trace Context); null if there was none.
      ALTER TABLE events ADD COLUMN traceparent TEXT;
      ALTER TABLE events ADD COLUMN tracestate TEXT;
    `,
  },
  {
    name: 'chassis-9-no-texts-of-callers',
    additive: true,
    sql: `
      -- What a caller wrote there was not forgotten with its user. Nothing writes it any more.
      UPDATE events SET tracestate = NULL WHERE tracestate IS NOT NULL;
    `,
  },
]
