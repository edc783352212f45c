import type { Transaction } from '@tandem/chassis/database/database'
import { chassisMigrations } from '@tandem/chassis/database/chassis-migrations'
import { applyEvents, type EventHandlers } from '@tandem/chassis/following/apply-events'
import type { FollowedEvent } from '@tandem/chassis/following/event-source'
import type { FollowerOptions } from '@tandem/chassis/following/follower-options'
import { storeLag } from '@tandem/chassis/following/lag-store'
import { park, retryParked } from '@tandem/chassis/following/parking'
import { beginStartingOver, emptySome } from '@tandem/chassis/following/start-over'
import { beginTry, noteFirstPage } from '@tandem/chassis/following/tried-events-store'
import { beginEmptying } from '@tandem/chassis/following/follower-store'
import { silentLog } from '@tandem/chassis/log'
import { interleavings } from '../../testing/interleavings'
import type { Side } from '../../testing/stepped-side'

const explore = interleavings([
  ...chassisMigrations,
  { name: 'copies', sql: 'CREATE TABLE copies (id TEXT PRIMARY KEY, changes BIGINT NOT NULL)' },
])

const feed = 'others'
const event = (id: string): FollowedEvent => ({
  specversion: '1.0',
  id,
  type: 'thing.done',
  time: '2026-01-31T12:00:00.000Z',
  data: null,
})
const [first, second, third] = [event('e1'), event('e2'), event('e3')]
const handlers: EventHandlers = {
  'thing.done': async (tx, { id }) => {
    const add =
      'INSERT INTO copies (id, changes) VALUES (?, 1) ON CONFLICT (id) DO UPDATE SET changes = copies.changes + 1'
    await tx.run(add, id)
    return undefined
  },
}
const forget = (tx: Transaction) => tx.run('DELETE FROM copies')

function optionsOf(side: Side, next: FollowedEvent = first): FollowerOptions {
  const client = { read: async () => ({ events: [next], remaining: 0 }) }
  const metrics = { applied: () => undefined }
  // The rest is private.
  return { ...side, feed, handlers, forget, log: silentLog, client, metrics } as unknown as FollowerOptions
}

const apply =
  (from: string | undefined, ...events: FollowedEvent[]) =>
  ({ database }: Side) =>
    database.write(async (tx) => (await applyEvents(tx, { feed, from, events, handlers }))?.map(({ as }) => as))
const startOver = (side: Side) => side.database.write((tx) => beginStartingOver(tx, optionsOf(side)))
const empty = (side: Side) => side.database.write((tx) => emptySome(tx, optionsOf(side)))
const parkEvent = (from: string | undefined, parked: FollowedEvent) => (side: Side) =>
  park(optionsOf(side), { from, event: parked, error: new Error('cannot be handled') })
const retry = (side: Side) => retryParked(optionsOf(side), first.id, 'test')
const note = ({ database }: Side) => database.write((tx) => noteFirstPage(tx, feed, first.id))
const tryAlone = ({ database }: Side) => database.write((tx) => beginTry(tx, feed, first.id))
const tellLag = (side: Side) =>
  side.database.write((tx) => storeLag(tx, side.system, feed, { events: 1, behindSince: null }))

const nothing = async () => undefined
const applied = apply(undefined, first, second)
const parked = parkEvent(undefined, first)
const beingEmptied = async (side: Side) => {
  await applied(side)
  await side.database.write((tx) => beginEmptying(tx, feed))
}

describe('In every interleaving, both end as one after the other:', () => {
  it.each([
    ['two that apply the first page', nothing, apply(undefined, first), apply(undefined, first)],
    ['two that apply first pages of other lengths', nothing, applied, apply(undefined, first)],
    ['two that apply a further page', applied, apply('e2', third), apply('e2', third)],
    ['one that applies a page and a new start', applied, apply('e2', third), startOver],
    ['one that applies the first page and a new start', nothing, apply(undefined, first), startOver],
    ['two new starts', applied, startOver, startOver],
    ['one that deletes for a new start and one that applies the first page', beingEmptied, empty, applied],
    ['two that delete for a new start', beingEmptied, empty, empty],
    ['one that parks an event and one that applies it', nothing, parked, apply(undefined, first)],
    ['two that park an event', nothing, parked, parked],
    ['one that parks an event and a new start', applied, parkEvent('e2', third), startOver],
    ['one that retries a parked event and a new start', parked, retry, startOver],
    ['one that retries a parked event and one that applies the next', parked, retry, apply('e1', second)],
    ['two that note their first page', nothing, note, note],
    ['two that try an event alone', nothing, tryAlone, tryAlone],
    ['one that tries an event alone and a new start', tryAlone, tryAlone, startOver],
    ['two that tell how far they are behind', nothing, tellLag, tellLag],
  ])('%s', async (_pair, given, left, right) => {
    const { count, bad } = await explore({ given, pair: [left, right] })
    expect(bad.slice(0, 1)).toEqual([])
    expect(count).toBeGreaterThan(1)
  })
})

describe('Two that retry a parked event', () => {
  it('handle it once in every interleaving; who finds that the other one has done so succeeds too', async () => {
    const { bad } = await explore({ given: parked, pair: [retry, retry], seen: ({ rows }) => rows })
    expect(bad.slice(0, 1)).toEqual([])
  })
})

describe('Without the lock of what is kept of the feed it is noticed that', () => {
  const without = (sql: string) => sql.replace('pg_advisory_xact_lock(hashtextextended($1, 1))', '$1::TEXT')

  it('a page that is being applied would survive a new start, and what comes before it would be missing for good', async () => {
    const { bad } = await explore({ given: applied, pair: [startOver, apply('e2', third)], without })
    expect(bad).toMatchObject([
      { seen: { rows: { copies: [{ id: 'e3' }], followed_feeds: [{ last_event_id: 'e3' }] } } },
    ])
  })

  it('a shorter page would move the position back', async () => {
    const { bad } = await explore({ given: nothing, pair: [applied, apply(undefined, first)], without })
    expect(bad).toHaveLength(1)
  })
})
