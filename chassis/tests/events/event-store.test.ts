import { chassisMigrations } from '@tandem/chassis/database/chassis-migrations'
import type { Database } from '@tandem/chassis/database/database'
import { appendEvent } from '@tandem/chassis/events/event-store'
import { temporaryDatabase } from '../../testing/temporary-database'
import { temporarySqlite } from '../../testing/temporary-sqlite'
import { VirtualSystem } from '../../testing/virtual-system'

const happened = (subject: string) => ({ type: 'thing.done', subject, data: { name: subject, count: 1, none: null } })
const sequences = (database: Database) =>
  database.read.all<{ sequence: number; subject: string }>('SELECT sequence, subject FROM events ORDER BY sequence')

describe('An event', () => {
  it('is stored with its type, subject, time and its own id', async () => {
    const system = new VirtualSystem()
    const database = await temporaryDatabase(chassisMigrations)
    await database.write((tx) => appendEvent(tx, system, happened('a')))
    expect(await database.read.all('SELECT sequence, id, type, subject, time, data FROM events')).toEqual([
      {
        sequence: 1,
        id: expect.stringMatching(/^[0-9a-f]{8}-/),
        type: 'thing.done',
        subject: 'a',
        time: '2026-01-01T00:00:00.000Z',
        data: '{"name":"a","count":1,"none":null}',
      },
    ])
  })

  it('has the next sequence number, within a unit, a turn and across turns', async () => {
    const system = new VirtualSystem()
    const database = await temporarySqlite(chassisMigrations) // on PostgreSQL EventNumbering does this
    await Promise.all([
      database.write(async (tx) => {
        await appendEvent(tx, system, happened('a'))
        await appendEvent(tx, system, happened('b'))
      }),
      database.write((tx) => appendEvent(tx, system, happened('c'))),
    ])
    await database.write((tx) => appendEvent(tx, system, happened('d')))
    const expected = ['a', 'b', 'c', 'd'].map((subject, i) => ({ sequence: i + 1, subject }))
    expect(await sequences(database)).toEqual(expected)
  })

  it('is rolled back with its unit, and leaves no gap', async () => {
    const system = new VirtualSystem()
    const database = await temporarySqlite(chassisMigrations) // on PostgreSQL EventNumbering does this
    await Promise.allSettled([
      database.write((tx) => appendEvent(tx, system, happened('a'))),
      database.write(async (tx) => {
        await appendEvent(tx, system, happened('lost'))
        throw new Error('on purpose')
      }),
      database.write((tx) => appendEvent(tx, system, happened('b'))),
    ])
    expect(await sequences(database)).toEqual([
      { sequence: 1, subject: 'a' },
      { sequence: 2, subject: 'b' },
    ])
  })
})
