import { gatherFacts } from '../../audit/facts'
import { checkNumbering } from '../../audit/numbering'
import { rightRecords } from '../support/right-records'
import { finder, remove, type FindIn, type MakeWrong } from '../support/wrong-records'

let find: FindIn
const redactionOf = (subject: string) => ({ kind: 'redaction' as const, subject, since: '2026-01-01T00:00:00.000Z' })
beforeAll(async () => (find = await finder()))

test.each<[situation: string, kinds: string[], makeWrong: MakeWrong]>([
  [
    'a user lacks the event of its last change',
    ['user-events', 'user-event-differs', 'copy-differs'],
    ({ users, adasEvents }) => remove(users.events, adasEvents[1]!),
  ],
  [
    'a user lacks the event of its sign-up',
    ['user-events'],
    ({ users, adasEvents }) => remove(users.events, adasEvents[0]!),
  ],
  [
    'a user has an event twice',
    ['user-events'],
    ({ users, adasEvents }) => users.events.push({ ...adasEvents[1]!, id: 'another' }),
  ],
  [
    'a user is there who was deleted',
    ['confirmed-without-hold', 'user-events', 'user-event-differs', 'copy-differs'],
    ({ users, ada, bobId }) => users.users.push({ ...ada, id: bobId, creditCents: 1000, depositedCents: 1000 }),
  ],
  [
    'a user is gone and its log does not say so',
    ['hold-of-nobody', 'confirmed-for-nobody', 'user-events', 'copy-differs'],
    ({ users }) => users.users.pop(),
  ],
  [
    'a user has signed up and is gone, and its log does not say so',
    ['confirmed-for-nobody', 'user-events', 'copy-differs', 'position-unknown'],
    ({ users }) => users.events.pop(),
  ],
  [
    'a deletion comes before a change',
    ['user-events'],
    ({ bobsEvents }) => {
      bobsEvents[0]!.type = 'user.deleted'
      bobsEvents[1]!.type = 'user.updated'
    },
  ],
  ['an event says another name', ['user-event-differs'], ({ adasEvents }) => (adasEvents[1]!.data.name = 'Ada')],
  ['an event tells of another user', ['user-event-differs'], ({ adasEvents }) => (adasEvents[0]!.data.id = 'eve')],
  ['a deleted user has a name in the log', ['name-kept'], ({ bobsEvents }) => (bobsEvents[0]!.data.name = 'Bob')],
  [
    'a deleted user is still being erased',
    ['user-not-erased'],
    ({ users, bobId }) => users.redactions.push(redactionOf(bobId)),
  ],
  ['a copy is missing', ['copy-behind'], ({ orders, adasCopy }) => remove(orders.userCopies, adasCopy)],
  [
    'a copy is behind',
    ['copy-behind'],
    ({ adasCopy }) => Object.assign(adasCopy, { name: 'Ada', version: 1, changes: 1 }),
  ],
  [
    'the copy of a deleted user still has the name',
    ['copy-behind'],
    ({ bobsCopy }) => Object.assign(bobsCopy, { name: 'Bob', version: 1, changes: 1 }),
  ],
  ['a copy has another name', ['copy-differs'], ({ adasCopy }) => (adasCopy.name = 'Ada')],
  ['a copy has a deleted user by name', ['copy-differs'], ({ bobsCopy }) => (bobsCopy.name = 'Bob')],
  [
    'a copy has a version that the user never had',
    ['copy-differs'],
    ({ adasCopy }) => Object.assign(adasCopy, { version: 3, changes: 3 }),
  ],
  ['an event has changed a copy twice', ['copy-changes'], ({ adasCopy }) => (adasCopy.changes = 3)],
  ['an event has passed a copy by', ['copy-changes'], ({ adasCopy }) => (adasCopy.changes = 1)],
  [
    'there is a copy of a user who never was',
    ['copy-of-nobody'],
    ({ orders, adasCopy }) => orders.userCopies.push({ ...adasCopy, id: 'eve' }),
  ],
  [
    'an event is parked',
    ['event-parked'],
    ({ orders, adasEvents }) =>
      orders.parkedEvents.push({
        kind: 'parked-event',
        feed: 'user-service',
        id: adasEvents[1]!.id,
        error: 'cannot be taken',
      }),
  ],
  [
    'events of both services have no number',
    ['events-unnumbered', 'events-unnumbered'],
    ({ users, orders }) => [users, orders].forEach(({ events }) => (events.at(-1)!.sequence = null)),
  ],
  [
    'the feed was followed to an event that is not there',
    ['position-unknown'],
    ({ orders }) => (orders.positions[0]!.eventId = 'another'),
  ],
])('the audit of a case where %s reports %j', (_, kinds, makeWrong) => {
  expect(find(makeWrong)).toEqual(kinds)
})

test('a live deleted user can have holds and names for a minute, while it is being erased', () => {
  const beingErased: MakeWrong = ({ users, orders, bobId, bobsEvents }) => {
    const { id: orderId, totalCents: amountCents } = orders.orders.find(({ userId }) => userId === bobId)!
    users.holds.push({ kind: 'hold', orderId, userId: bobId, state: 'held', amountCents })
    bobsEvents[0]!.data.name = 'Bob'
  }
  const marked: MakeWrong = (records) => {
    beingErased(records)
    records.users.redactions.push(redactionOf(records.bobId))
  }
  const at = (time: string) => ({ settled: false as const, now: Date.parse(time) })
  expect(find(marked, at('2026-01-01T00:01:00.000Z'))).toEqual([])
  expect(find(marked, at('2026-01-01T00:01:00.001Z'))).toEqual(['user-not-erased'])
  expect(find(beingErased, at('2026-01-01T00:01:00.000Z'))).toEqual(['hold-of-nobody', 'name-kept'])
})

test('a deleted user needs no copy', () => {
  expect(find(({ orders, bobsCopy }) => remove(orders.userCopies, bobsCopy))).toEqual([])
})

test('a live copy can be behind for a minute', () => {
  const behind: MakeWrong = ({ adasCopy, adasEvents }) => {
    Object.assign(adasCopy, { name: 'Ada', version: 1, changes: 1 })
    adasEvents[1]!.time = '2026-01-01T00:00:00.000Z'
  }
  const at = (time: string) => ({ settled: false as const, now: Date.parse(time) })
  expect(find(behind, at('2026-01-01T00:01:00.000Z'))).toEqual([])
  expect(find(behind, at('2026-01-01T00:01:00.001Z'))).toEqual(['copy-behind'])
})

test('a live event may be without a number for a minute, and later the finding counts them and names the oldest', async () => {
  const { orders, users } = structuredClone(await rightRecords())
  for (const event of orders.events.slice(-2))
    Object.assign(event, { sequence: null, time: '2026-01-01T00:00:05.000Z' })
  orders.events.at(-1)!.time = '2026-01-01T00:00:00.000Z'
  const findings = (time: string) => [
    ...checkNumbering(gatherFacts({ users, orders }, { settled: false, now: Date.parse(time) })),
  ]
  expect(findings('2026-01-01T00:01:00.000Z')).toEqual([])
  const [finding] = findings('2026-01-01T00:01:06.000Z')
  expect(finding?.message).toBe(
    '2 events of order-service have no number, the oldest since 2026-01-01T00:00:00.000Z: nobody can read them',
  )
})
