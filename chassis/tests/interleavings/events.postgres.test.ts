import { chassisMigrations } from '@tandem/chassis/database/chassis-migrations'
import { numberEvents } from '@tandem/chassis/database/postgres/number-events'
import { appendEvent, listEvents, type StoredEvent } from '@tandem/chassis/events/event-store'
import { beginRedaction, endRedaction, redact, redactSome } from '@tandem/chassis/events/redaction-store'
import { interleavings, type End } from '../../testing/interleavings'
import type { Side } from '../../testing/stepped-side'

const explore = interleavings(chassisMigrations)

const append =
  (...subjects: string[]) =>
  async ({ database, system }: Side) => {
    for (const subject of subjects) {
      await database.write((tx) => appendEvent(tx, system, { type: 'thing.done', subject, data: { name: 'Ada' } }))
    }
  }
const number = ({ database }: Side) => numberEvents(database)
const redactSubject = ({ database }: Side) =>
  database.write(async (tx) => {
    const isDone = await redactSome(tx, 'a', 10)
    if (isDone) await endRedaction(tx, 'a')
    return isDone
  })
const redactNow = ({ database, system }: Side) =>
  database.write(async (tx) => {
    await beginRedaction(tx, system, 'a', ['name'])
    return redactSome(tx, 'a', 10)
  })
const nothing = async () => undefined
const numbered = async (side: Side) => {
  await append('a', 'b')(side)
  await number(side)
  await append('a', 'b')(side)
}
const beingRedacted = async (side: Side) => {
  await append('a', 'a')(side)
  await side.database.write((tx) => beginRedaction(tx, side.system, 'a', ['name']))
}

describe('In every interleaving, both end as one after the other:', () => {
  it.each([
    ['two that append events of one subject', nothing, append('a'), append('a')],
    ['one that appends an event and one that numbers', numbered, append('a'), number],
    ['two that number', numbered, number, number],
    ['two that number the first events', append('a', 'b'), number, number],
    ['one that redacts and one that numbers', beingRedacted, redactSubject, number],
    ['two that redact', beingRedacted, redactSubject, redactSubject],
    ['one that redacts and one that appends an event of another subject', beingRedacted, redactSubject, append('b')],
    ['one that begins to redact and one that numbers', numbered, redactNow, number],
  ])('%s', async (_pair, given, left, right) => {
    const { count, bad } = await explore({ given, pair: [left, right] })
    expect(bad.slice(0, 1)).toEqual([])
    expect(count).toBeGreaterThan(1)
  })

  it('two events of a side and one that numbers, unless it comes between the two', async () => {
    const seen = ({ rows }: End) => (rows.events as StoredEvent[]).slice(-2).map(({ sequence }) => sequence)
    const { bad } = await explore({ given: numbered, pair: [append('c', 'd'), number], seen })
    expect(bad.length).toBeGreaterThan(0)
    for (const end of bad) expect(end.seen).toEqual([5, null])
  })
})

describe('A reader of the log', () => {
  it('steps over no event while others are appended and numbered', async () => {
    const write = async (side: Side) => {
      for (const subject of ['c', 'd']) {
        await append(subject)(side)
        await number(side)
      }
    }
    const readTwice = async ({ database }: Side) => {
      const page = await listEvents(database.read, { after: 0, limit: 10 })
      const next = await listEvents(database.read, { after: page.at(-1)!.sequence, limit: 10 })
      return [...page, ...next].map(({ sequence }) => sequence)
    }
    const seen = ({ outcomes: [, read] }: End) => {
      const sequences = 'returned' in read ? (read.returned as number[]) : []
      return sequences.length >= 2 && sequences.every((sequence, i) => sequence === i + 1)
    }
    const { count, inOrder, bad } = await explore({ given: numbered, pair: [write, readTwice], seen })
    expect(count).toBeGreaterThan(1)
    expect(inOrder).toEqual([true, true])
    expect(bad).toEqual([])
  })

  it('sees a name in all events of its subject or, once it is redacted, in none', async () => {
    const readNames = async ({ database }: Side) => {
      const events = await listEvents(database.read, { after: 0, limit: 10 })
      return events.map(({ subject, data, redacted }) => [subject, redacted === null ? data : redact(data, redacted)])
    }
    const given = async (side: Side) => {
      await append('a', 'b', 'a')(side)
      await number(side)
    }
    const redactInPages = async ({ database, system }: Side) => {
      await database.write((tx) => beginRedaction(tx, system, 'a', ['name']))
      while (!(await database.write((tx) => redactSome(tx, 'a', 1)))) continue
      await database.write((tx) => endRedaction(tx, 'a'))
    }
    const seen = ({ outcomes: [, read] }: End) => read
    const { count, bad } = await explore({ given, pair: [redactInPages, readNames], seen })
    expect(count).toBeGreaterThan(1)
    expect(bad).toEqual([])
    const without = (sql: string) => sql.replace('redactions.members AS redacted', 'NULL AS redacted')
    expect((await explore({ given, pair: [redactInPages, readNames], seen, without })).bad).toHaveLength(1)
  })
})

describe('Without the lock of those who number it is noticed that', () => {
  it('events would be numbered twice', async () => {
    const without = (sql: string) => sql.replace('pg_try_advisory_xact_lock($1)', 'TRUE OR $1::BIGINT = 0')
    const { bad } = await explore({ given: numbered, pair: [number, number], without })
    expect(bad).toMatchObject([{ seen: { outcomes: [{ returned: 2 }, { returned: 2 }] } }])
  })
})
