import { chassisMigrations } from '@tandem/chassis/database/chassis-migrations'
import type { Database, Queries, SqlValue } from '@tandem/chassis/database/database'
import { appendEvent } from '@tandem/chassis/events/event-store'
import { EventFeed, type FeedPage } from '@tandem/chassis/events/event-feed'
import { temporaryDatabase } from './temporary-database'
import { thingMigrations } from './things'
import { VirtualSystem } from './virtual-system'

interface FeedOfThings {
  feed: EventFeed
  database: Database
  /** Its time is that of the feed's timers and events. */
  system: VirtualSystem
  /** Done right before and after events are read; a test may have it take its time, or fail. */
  stepIn: { beforeReading: () => unknown; afterReading: () => unknown }
  /** Writes an event for each of the subjects. */
  happen: (...subjects: string[]) => Promise<void>
}

/** A feed on a real database of its own, whose time is virtual. */
export async function feedOfThings(): Promise<FeedOfThings> {
  const system = new VirtualSystem()
  const database = await temporaryDatabase([...chassisMigrations, ...thingMigrations])
  const stepIn: FeedOfThings['stepIn'] = { beforeReading: () => undefined, afterReading: () => undefined }
  const read: Queries = {
    get: (sql, ...values) => database.read.get(sql, ...values),
    all: async <Row>(sql: string, ...values: SqlValue[]) => {
      await stepIn.beforeReading()
      const rows = await database.read.all<Row>(sql, ...values)
      await stepIn.afterReading()
      return rows
    },
  }
  return {
    feed: new EventFeed({ source: '/things', database: { ...database, read }, system }),
    database,
    system,
    stepIn,
    happen: (...subjects) =>
      database.write(async (tx) => {
        for (const subject of subjects)
          await appendEvent(tx, system, { type: 'thing.done', subject, data: { name: subject } })
      }),
  }
}

/** A request that stays connected. */
export function connectedReader() {
  return { signal: new AbortController().signal, releaseSlot: () => undefined }
}

/** Whom the events of a page are about. */
export function subjectsIn({ json }: Pick<FeedPage, 'json'>): string[] {
  return (JSON.parse(json) as { subject: string }[]).map(({ subject }) => subject)
}
