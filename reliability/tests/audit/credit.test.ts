import { finder, remove, type FindIn, type MakeWrong } from '../support/wrong-records'

let find: FindIn
beforeAll(async () => (find = await finder()))

test.each<[situation: string, kinds: string[], makeWrong: MakeWrong]>([
  ['credit came from nowhere', ['books-differ'], ({ ada }) => (ada.creditCents += 1)],
  ['a deposit is gone', ['books-differ'], ({ users }) => users.deposits.pop()],
  ['the sum of all deposits is wrong', ['books-differ'], ({ ada }) => (ada.depositedCents += 1)],
  ['credit is below 0', ['credit-negative', 'books-differ'], ({ ada }) => (ada.creditCents = -1)],
  [
    'one key made two deposits',
    ['books-differ', 'key-with-two-deposits'],
    ({ users }) => users.deposits.push({ ...users.deposits.find(({ madeBy }) => madeBy === 'admin')!, id: 'another' }),
  ],
  [
    'nothing was ever held for a confirmed order',
    ['books-differ', 'confirmed-without-hold'],
    ({ users, holdOf }) => remove(users.holds, holdOf('confirmed')),
  ],
  [
    'what was held for a confirmed order was given back',
    ['confirmed-without-hold'],
    ({ ada, holdOf }) => {
      holdOf('confirmed').state = 'released'
      ada.creditCents += 300
    },
  ],
  [
    'a confirmed order has two holds',
    ['books-differ', 'held-twice'],
    ({ users, holdOf }) => users.holds.push(holdOf('confirmed')),
  ],
  [
    'less is held than the order comes to',
    ['books-differ', 'hold-differs'],
    ({ holdOf }) => (holdOf('confirmed').amountCents = 200),
  ],
  [
    'what is held for an order is of another user',
    ['books-differ', 'hold-of-nobody', 'hold-differs'],
    ({ holdOf, bobId }) => (holdOf('confirmed').userId = bobId),
  ],
  [
    'something is held for a pending order, but not its total',
    ['books-differ', 'hold-differs', 'order-unfinished', 'order-events'],
    ({ order, holdOf }) => {
      order('confirmed').status = 'pending'
      holdOf('confirmed').amountCents = 200
    },
  ],
  [
    'something is held for a rejected order',
    ['books-differ', 'hold-of-ended-order'],
    ({ holdOf }) => (holdOf('dear').state = 'held'),
  ],
  [
    'something is held for a cancelled order',
    ['books-differ', 'hold-of-ended-order'],
    ({ holdOf }) => (holdOf('regretted').state = 'held'),
  ],
  [
    'something is held of a user who was deleted',
    ['hold-of-nobody'],
    ({ users, order, holdOf, bobId }) =>
      users.holds.push({ ...holdOf('confirmed'), orderId: order('of-bob').id, userId: bobId, amountCents: 400 }),
  ],
  [
    'something is held for an order that is not there',
    ['hold-without-order', 'event-without-order'],
    ({ orders, order }) => remove(orders.orders, order('confirmed')),
  ],
  [
    'an order is confirmed of a user who never was',
    ['confirmed-for-nobody', 'copy-of-nobody', 'position-unknown'],
    ({ users, bobsEvents }) => remove(users.events, ...bobsEvents),
  ],
])('the audit of a case where %s reports %j', (_, kinds, makeWrong) => {
  expect(find(makeWrong)).toEqual(kinds)
})

test('a refusal and a tombstone without their order are no finding, as they hold nothing', () => {
  const kinds = find(({ users, holdOf }) => {
    users.holds.push({ ...holdOf('dear'), orderId: 'gone' }, { ...holdOf('regretted'), orderId: 'gone, too' })
  })
  expect(kinds).toEqual([])
})
