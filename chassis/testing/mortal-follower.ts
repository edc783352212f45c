/**
 * A process that follows a feed of things, on the database in FOLDER. It kills itself, as `kill -9` does, in the handler
 * of the event named DEADLY; else it sends the name of each event that took effect. The things named AT_FIRST are in the
 * feed from the start, and those named LATER once the first ones have been taken.
 */
import { chassisMigrations } from '@tandem/chassis/database/chassis-migrations'
import { openDatabase } from '@tandem/chassis/database/open'
import type { FollowedEvent, ReadFeed, ReadPage } from '@tandem/chassis/following/event-source'
import type { FeedClient } from '@tandem/chassis/following/feed-client'
import { Follower } from '@tandem/chassis/following/follower'
import { silentLog } from '@tandem/chassis/log'
import { realSystem as system } from '@tandem/chassis/system'
import { effectsMigration, insertEffect } from './effects'
import { createDatabase, openNumbering, testServer } from './postgres'

const { FOLDER = '', DEADLY, AT_FIRST = '', LATER = '' } = process.env
const named = (names: string) => names.split(',').filter(Boolean)

const all = [...named(AT_FIRST), ...named(LATER)].map((name, i): FollowedEvent => ({
  specversion: '1.0',
  id: `00000000-0000-7000-8000-00000000000${i}`,
  type: 'thing.done',
  time: '2026-01-01T00:00:00Z',
  data: { name },
}))

async function read({ after }: ReadFeed): Promise<ReadPage> {
  const next = all.findIndex(({ id }) => id === after) + 1
  const first = named(AT_FIRST).length
  if (next === all.length) await new Promise(() => undefined) // nothing will ever be newer
  return { events: all.slice(next, next < first ? first : undefined), remaining: 0 }
}

async function main(): Promise<void> {
  const migrations = [...chassisMigrations, effectsMigration]
  const database =
    testServer === undefined
      ? await openDatabase({ url: 'sqlite:test.db', root: FOLDER, migrations, system })
      : await openNumbering((await createDatabase(testServer, FOLDER)).url, migrations)
  const follower = new Follower({
    feed: 'things',
    client: { read } as unknown as FeedClient, // of which nothing else is used
    handlers: {
      'thing.done': async (tx, { data }) => {
        const { name } = data as { name: string }
        await insertEffect(tx, name)
        if (name === DEADLY) process.kill(process.pid, 'SIGKILL')
        return () => process.send?.(name)
      },
    },
    forget: async () => 0,
    metrics: { applied: () => undefined },
    database,
    system,
    log: silentLog,
  })
  follower.start()
}

process.on('disconnect', () => process.exit()) // the test is over
void main()
