import type { Acknowledgement } from '../../audit/journal'
import type { OrderStatus } from '../../audit/records'
import { finder, type FindIn, type Wrong } from '../support/wrong-records'

let find: FindIn
beforeAll(async () => (find = await finder()))

/** The kinds of what is found where a caller was told this. */
function findTold(told: (records: Wrong) => Acknowledgement[]): string[] {
  return find((records) => (records.journal = told(records)))
}

const told = (status: OrderStatus, { id, userId }: { id: string; userId: string }): Acknowledgement => ({
  kind: 'order',
  id,
  userId,
  status,
})

const depositTo = (userId: string, { id, amountCents }: { id: string; amountCents: number }): Acknowledgement => ({
  kind: 'deposit',
  id,
  userId,
  amountCents,
})

test('the audit finds nothing if every acknowledgement exists, in a state it can have reached', () => {
  const kinds = findTold(({ ada, bobId, order, users }) => {
    const { id, userId, totalCents } = order('confirmed')
    const { id: depositId, amountCents } = users.deposits.find(({ madeBy }) => madeBy === 'admin')!
    return [
      { kind: 'user', id: ada.id },
      { kind: 'user', id: bobId },
      { kind: 'rename', userId: ada.id, version: 2, name: 'Countess' },
      { kind: 'rename', userId: bobId, version: 1, name: 'Bob' },
      { kind: 'deletion', userId: bobId },
      { kind: 'deposit', id: depositId, userId: ada.id, amountCents },
      { kind: 'deposit', id: 'may go with its user', userId: bobId, amountCents: 1 },
      { kind: 'order', id, userId, totalCents, status: 'pending', key: 'confirmed' },
      { kind: 'order', id, userId, totalCents, status: 'confirmed', key: 'confirmed', placedBy: userId },
      told('rejected', order('dear')),
      told('confirmed', order('regretted')),
      told('cancelling', order('regretted')),
      told('cancelled', order('regretted')),
    ]
  })
  expect(kinds).toEqual([])
})

test.each<[situation: string, kinds: string[], told: (records: Wrong) => Acknowledgement[]]>([
  ['a user is not there', ['lost-user'], () => [{ kind: 'user', id: 'eve' }]],
  ['a rename has not come', ['lost-rename'], ({ ada }) => [{ kind: 'rename', userId: ada.id, version: 3, name: 'A' }]],
  [
    'a rename was to another name',
    ['lost-rename'],
    ({ ada }) => [{ kind: 'rename', userId: ada.id, version: 2, name: 'A' }],
  ],
  ['a user is there who was deleted', ['lost-deletion'], ({ ada }) => [{ kind: 'deletion', userId: ada.id }]],
  ['a user who was deleted never was', ['lost-deletion'], () => [{ kind: 'deletion', userId: 'eve' }]],
  [
    'a deposit is not there',
    ['lost-deposit'],
    ({ ada }) => [{ kind: 'deposit', id: 'gone', userId: ada.id, amountCents: 1 }],
  ],
  [
    'a deposit was of more',
    ['deposit-not-as-acknowledged'],
    ({ users }) => users.deposits.slice(0, 1).map((it) => depositTo(it.userId, { ...it, amountCents: 2000 })),
  ],
  [
    'a deposit was to another user',
    ['deposit-not-as-acknowledged'],
    ({ users, bobId }) => users.deposits.filter(({ madeBy }) => madeBy).map((it) => depositTo(bobId, it)),
  ],
  ['an order is not there', ['lost-order'], ({ ada }) => [told('pending', { id: 'gone', userId: ada.id })]],
  [
    'an order comes to more',
    ['order-not-as-acknowledged'],
    ({ order }) => [{ ...told('confirmed', order('confirmed')), totalCents: 299 }],
  ],
  [
    'an order is of another user',
    ['order-not-as-acknowledged'],
    ({ order, bobId }) => [told('confirmed', { ...order('confirmed'), userId: bobId })],
  ],
  [
    'an order was placed with another key',
    ['order-not-as-acknowledged'],
    ({ order }) => [{ ...told('confirmed', order('confirmed')), key: 'another' }],
  ],
  [
    'an order was placed by another caller',
    ['order-not-as-acknowledged'],
    ({ order }) => [{ ...told('confirmed', order('confirmed')), key: 'confirmed', placedBy: 'admin' }],
  ],
  [
    'a key was answered with two orders',
    ['order-not-as-acknowledged', 'key-acknowledged-twice'],
    ({ order }) => ['confirmed', 'hasty'].map((it) => ({ ...told('pending', order(it)), key: 'hasty' })),
  ],
])('the audit of a case where %s reports %j', (_, kinds, journal) => {
  expect(findTold(journal)).toEqual(kinds)
})

test.each<[was: OrderStatus, is: OrderStatus, kinds: string[]]>([
  ['pending', 'cancelling', []],
  ['confirmed', 'cancelling', []],
  ['confirmed', 'pending', ['status-not-as-acknowledged']],
  ['confirmed', 'rejected', ['status-not-as-acknowledged']],
  ['rejected', 'confirmed', ['status-not-as-acknowledged']],
  ['rejected', 'cancelled', ['status-not-as-acknowledged']],
  ['cancelling', 'confirmed', ['status-not-as-acknowledged']],
  ['cancelled', 'cancelling', ['status-not-as-acknowledged']],
])('the audit of an order acknowledged as %s that is now %s reports %j', (was, is, kinds) => {
  const found = findTold((records) => {
    records.order('hasty').status = is
    return [told(was, records.order('hasty'))]
  })
  expect(found.filter((kind) => kind.endsWith('-as-acknowledged'))).toEqual(kinds)
})

test('a deleted user that exists again is a lost deletion, whatever the log says', () => {
  const found = find((records) => {
    records.users.users.push({ ...records.ada, id: records.bobId })
    records.journal = [{ kind: 'deletion', userId: records.bobId }]
  })
  expect(found).toContain('lost-deletion')
})
