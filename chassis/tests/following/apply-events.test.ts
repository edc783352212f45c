import type { Transaction } from '@tandem/chassis/database/database'
import { chassisMigrations } from '@tandem/chassis/database/chassis-migrations'
import { applyEvents } from '@tandem/chassis/following/apply-events'
import type { FollowedEvent } from '@tandem/chassis/following/event-source'
import { readPosition } from '@tandem/chassis/following/follower-store'
import { temporaryDatabase } from '../../testing/temporary-database'

const event = (id: string, type: string): FollowedEvent => ({ specversion: '1.0', id, type, time: '', data: {} })

test('a page of events is marked in one statement, and an event that it has twice is handled once', async () => {
  const database = await temporaryDatabase(chassisMigrations)
  const marks: string[] = []
  const counted = (tx: Transaction): Transaction => ({
    isConcurrent: tx.isConcurrent,
    get: (sql, ...values) => tx.get(sql, ...values),
    run: (sql, ...values) => tx.run(sql, ...values),
    all: (sql, ...values) => {
      if (sql.includes('INTO seen_events')) marks.push(sql)
      return tx.all(sql, ...values)
    },
  })
  const handled: string[] = []
  const handlers = { done: async (_: Transaction, { id }: { id: string }) => void handled.push(id) }
  const apply = (from: string | undefined, events: FollowedEvent[]) =>
    database.write((tx) => applyEvents(counted(tx), { feed: 'things', from, events, handlers }))

  const page = [event('a', 'done'), event('b', 'other'), event('a', 'done'), event('c', 'done')]
  const applied = await apply(undefined, page)
  const again = await apply('c', [event('c', 'done'), event('d', 'done')])

  expect(applied?.map((it) => it.as)).toEqual(['handled', 'skipped', 'duplicate', 'handled'])
  expect(again?.map((it) => it.as)).toEqual(['duplicate', 'handled'])
  expect(handled).toEqual(['a', 'c', 'd'])
  expect(marks).toHaveLength(2)
  expect(await readPosition(database.read, 'things')).toBe('d')
})
