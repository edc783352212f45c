import { Registry } from 'prom-client'
import type { Transport } from '@tandem/chassis/upstream/transport'
import { chassisMigrations } from '@tandem/chassis/database/chassis-migrations'
import type { Database } from '@tandem/chassis/database/database'
import type { EventSource } from '@tandem/chassis/following/event-source'
import { FeedClient } from '@tandem/chassis/following/feed-client'
import { Follower } from '@tandem/chassis/following/follower'
import type { EventHandler } from '@tandem/chassis/following/apply-events'
import { followerMetrics, lagMetrics } from '@tandem/chassis/following/follower-metrics'
import type { System } from '@tandem/chassis/system'
import { effectsMigration, insertEffect } from './effects'
import { afterThisTest } from './temporary'
import { temporaryDatabase } from './temporary-database'
import { readableLog } from './test-app'
import { TestFeed } from './test-feed'
import { VirtualSystem } from './virtual-system'

interface Options {
  system: System
  transport: Transport
  /** Where its database is, or was before. */
  folder?: string
  token?: string
  /** Where its events come from, unless from the transport. */
  source?: EventSource
  /** Stands between the follower and its database. */
  wrapDatabase?: (database: Database) => Database
}

/** Throws what SQLite does while the database cannot be used. */
export function beLocked(): never {
  throw Object.assign(new Error('database is locked'), { errcode: 5 })
}

/** A follower of things, on a database of its own. */
export async function testFollower({
  system,
  transport,
  folder,
  token = 'token',
  source,
  wrapDatabase = (database) => database,
}: Options) {
  const database = await temporaryDatabase(
    [...chassisMigrations, effectsMigration],
    folder === undefined ? {} : { folder },
  )
  /** What happens before the follower's next write is asked for, and at its end, where a throw undoes it as a failed commit does. */
  const stepIn = {
    beforeWrite: (): unknown => undefined,
    beforeCommit: (): unknown => undefined,
    afterCommit: (): unknown => undefined,
  }
  const write: Database['write'] = async (unit) => {
    await stepIn.beforeWrite()
    const written = await database.write(async (tx) => {
      const result = await unit(tx)
      stepIn.beforeCommit()
      return result
    })
    await stepIn.afterCommit()
    return written
  }
  const { log, lines } = readableLog()
  const registry = new Registry()
  /** Whose events were handed to the handler, and of whose effect it was told that it is committed. */
  const tried: string[] = []
  const committed: string[] = []
  /** What the handler throws at an event, by its name. */
  const faults = new Map<string, unknown>()
  const handle: EventHandler = async (tx, { data }) => {
    const { name } = data as { name: string }
    tried.push(name)
    await insertEffect(tx, name)
    if (faults.has(name)) throw faults.get(name)
    return () => {
      committed.push(name)
    }
  }
  const follower = new Follower({
    feed: 'things',
    client: new FeedClient(transport, { token: async () => token }, system),
    ...(source && { source }),
    handlers: { 'thing.done': handle },
    forget: (tx, limit) => tx.run('DELETE FROM effects WHERE number IN (SELECT number FROM effects LIMIT ?)', limit),
    metrics: followerMetrics(registry, 'things', database.read),
    database: wrapDatabase({ ...database, write }),
    system,
    log,
  })
  lagMetrics(registry, follower)
  afterThisTest(() => follower.stop())
  return {
    follower,
    database,
    registry,
    lines,
    tried,
    committed,
    faults,
    stepIn,
    /** What its database holds. */
    stored: () => storedBy(database),
    messages: () => lines.map(({ msg }) => msg),
  }
}

/** What there is of a followed feed: effects in their order, the position, how many events were seen, and what is parked. */
export async function storedBy({ read }: Database) {
  const [effects, positions, seen, parked] = await Promise.all([
    read.all<{ name: string }>('SELECT name FROM effects ORDER BY number'),
    read.all<{ id: string }>('SELECT last_event_id AS id FROM followed_feeds'),
    read.all('SELECT event_id FROM seen_events'),
    read.all<{ id: string }>('SELECT event_id AS id FROM parked_events ORDER BY event_id'),
  ])
  return {
    effects: effects.map(({ name }) => name),
    position: positions[0]?.id,
    seen: seen.length,
    parked: parked.map(({ id }) => id),
  }
}

/** A follower and what it follows, on virtual time; it has not been started. */
export async function following(options: Pick<Options, 'folder'> = {}) {
  const system = new VirtualSystem()
  const feed = await TestFeed.open(system)
  return { system, feed, ...(await testFollower({ system, transport: feed, ...options })) }
}
