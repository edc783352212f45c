import { chassisMigrations } from '@tandem/chassis/database/chassis-migrations'
import type { Database } from '@tandem/chassis/database/database'
import { numberEvents } from '@tandem/chassis/database/postgres/number-events'
import { openPostgres } from '@tandem/chassis/database/postgres/open-postgres'
import { EventNumbering } from '@tandem/chassis/events/event-numbering'
import { EventFeed } from '@tandem/chassis/events/event-feed'
import { appendEvent, listEvents } from '@tandem/chassis/events/event-store'
import { beginRedaction } from '@tandem/chassis/events/redaction-store'
import { numberingMetrics } from '@tandem/chassis/events/numbering-metrics'
import { silentLog } from '@tandem/chassis/log'
import { realSystem as system } from '@tandem/chassis/system'
import { Registry } from 'prom-client'
import { connectedReader } from '../../testing/feed-of-things'
import { createDatabase, testServer } from '../../testing/postgres'
import { afterThisTest, eventually } from '../../testing/temporary'
import { readableLog } from '../../testing/test-app'

async function eventLog() {
  const { url, drop } = await createDatabase(testServer!, system.newId())
  afterThisTest(drop)
  const open = async () => {
    const database = await openPostgres({ url, migrations: chassisMigrations, system })
    afterThisTest(() => database.close())
    return database
  }
  return { database: await open(), open }
}

const done = (subject: string) => ({ type: 'thing.done', subject, data: { name: subject } })

describe('Numbering events after their commit', () => {
  it('leaves no gap, and no reader steps over an event, while many write and two replicas number', async () => {
    const { database, open } = await eventLog()
    const replicas = [database, await open()]
    const jobs = replicas.map((it) => new EventNumbering({ database: it, system, log: silentLog }))
    for (const job of jobs) job.start()
    const read: string[] = []
    let last = 0
    const readOn = async () => {
      for (const { sequence, subject } of await listEvents(database.read, { after: last, limit: 50 })) {
        expect(sequence).toBe(last + 1)
        last = sequence
        read.push(subject)
      }
      return last === 400
    }
    const writing = Promise.all(
      Array.from({ length: 400 }, (_, i) =>
        replicas[i % 2]!.write(async (tx) => {
          await appendEvent(tx, system, done(`${i}`))
          if (i % 7 === 0) await tx.get('SELECT pg_sleep(0.02) AS slept') // commits after later ones
        }),
      ),
    )
    await eventually(readOn)
    await writing
    await Promise.all(jobs.map((job) => job.stop()))
    expect(new Set(read).size).toBe(400)
  })

  it('is done by one replica at a time: another one that meanwhile sees an earlier event would number again', async () => {
    const { database } = await eventLog()
    const held: { append?: () => void; commit?: () => void } = {}
    const earlier = database.write(async (tx) => {
      await appendEvent(tx, system, done('earlier'))
      await new Promise<void>((resolve) => (held.append = resolve))
    })
    await database.write((tx) => appendEvent(tx, system, done('later')))
    const slow: Database = {
      ...database,
      write: (unit) =>
        database.write(async (tx) => {
          const result = await unit(tx)
          await new Promise<void>((resolve) => (held.commit = resolve))
          return result
        }),
    }
    const numbering = numberEvents(slow)
    await eventually(() => held.commit && held.append)
    held.append?.()
    await earlier
    expect(await numberEvents(database)).toBe(0)
    held.commit?.()
    expect(await numbering).toBe(1)
    expect(await numberEvents(database)).toBe(1)
    const events = await listEvents(database.read, { after: 0, limit: 10 })
    expect(events.map(({ sequence, subject }) => [sequence, subject])).toEqual([
      [1, 'later'],
      [2, 'earlier'],
    ])
  })

  it('keeps the order of the events of one subject', async () => {
    const { database } = await eventLog()
    await database.write((tx) => tx.run("INSERT INTO redactions VALUES ('row', '', '', '')"))
    const locked: string[] = []
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        database.write(async (tx) => {
          await tx.get("SELECT subject FROM redactions WHERE subject = 'row' FOR UPDATE") // as a change of the subject does
          locked.push(`${i}`)
          await appendEvent(tx, system, { ...done('row'), data: { name: `${i}` } })
        }),
      ),
    )
    await numberEvents(database)
    const events = await listEvents(database.read, { after: 0, limit: 100 })
    expect(events.map(({ data }) => (JSON.parse(data) as { name: string }).name)).toEqual(locked)
  })

  it('counts what has no number as remaining', async () => {
    const { database } = await eventLog()
    await database.write((tx) => appendEvent(tx, system, done('a')))
    const feed = new EventFeed({ source: '/things', database, system })
    const page = await feed.read({ after: 0, limit: 10 }, 0, connectedReader())
    expect([page.events, page.remaining]).toEqual([0, 1])
  })

  it('shows a redaction at once, though nobody has told of it yet', async () => {
    const { database } = await eventLog()
    await database.write((tx) => appendEvent(tx, system, done('a')))
    await numberEvents(database)
    const feed = new EventFeed({ source: '/things', database, system })
    const read = async () => (await feed.read({ after: 0, limit: 10 }, 0, connectedReader())).json
    expect(await read()).toContain('"name":"a"')
    await database.write((tx) => beginRedaction(tx, system, 'a', ['name']))
    expect(await read()).toContain('"name":null')
  })

  it('numbers what was committed before it stops', async () => {
    const { database } = await eventLog()
    const job = new EventNumbering({ database, system, log: silentLog })
    await database.write((tx) => appendEvent(tx, system, done('a')))
    await job.stop()
    expect(await listEvents(database.read, { after: 0, limit: 10 })).toHaveLength(1)
  })

  it('that fails logs each cause once, counts all attempts, and numbers everything afterwards', async () => {
    const { database } = await eventLog()
    const { log, lines } = readableLog()
    const instant = { ...system, setTimeout: (run: () => void) => system.setTimeout(run, 1) }
    const registry = new Registry()
    const job = new EventNumbering({ database, system: instant, log })
    numberingMetrics(registry, job, { database, system: { now: () => Date.now() + 60_000 } })
    const valueOf = async (name: string) => (await registry.getSingleMetric(name)!.get()).values[0]?.value
    const failedOften = async (times: number) => eventually(() => job.failures > times)
    const logged = (text: string) => lines.filter(({ msg }) => msg === text)

    await database.write((tx) => appendEvent(tx, system, done('a')))
    expect([await valueOf('events_unnumbered'), await valueOf('event_numbering_failures_total')]).toEqual([1, 0])
    expect(await valueOf('events_unnumbered_oldest_age_seconds')).toBeCloseTo(60, -1)
    await database.write((tx) => tx.run('ALTER TABLE events RENAME TO mislaid'))
    job.start()
    afterThisTest(() => job.stop())
    await failedOften(3)
    expect(await valueOf('event_numbering_failures_total')).toBeGreaterThan(3)
    expect(logged('events cannot be numbered')).toMatchObject([{ level: 50 }])

    await database.write((tx) => tx.run('CREATE TABLE events (sequence BIGINT)'))
    await database.write((tx) => tx.run('INSERT INTO events VALUES (NULL)'))
    await eventually(() => logged('events cannot be numbered').length === 2) // there is no column position
    await failedOften(job.failures + 3)
    expect(logged('events cannot be numbered')).toHaveLength(2)

    await database.write((tx) => tx.run('DROP TABLE events'))
    await database.write((tx) => tx.run('ALTER TABLE mislaid RENAME TO events'))
    await eventually(async () => (await listEvents(database.read, { after: 0, limit: 10 })).length === 1)
    await eventually(() => logged('events can be numbered again').length > 0) // each connection notices by itself
    expect([await valueOf('events_unnumbered'), await valueOf('events_unnumbered_oldest_age_seconds')]).toEqual([0, 0])
  })
})
