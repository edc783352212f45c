import { finder, remove, type FindIn, type MakeWrong } from '../support/wrong-records'

let find: FindIn
beforeAll(async () => (find = await finder()))

test.each<[situation: string, kinds: string[], makeWrong: MakeWrong]>([
  [
    'one key made two orders',
    ['key-with-two-orders'],
    ({ order }) => (order('dear').idempotencyKey = order('hasty').idempotencyKey),
  ],
  [
    'an order lacks its first event',
    ['order-events'],
    ({ orders, eventsOf }) => remove(orders.events, eventsOf('confirmed')[0]!),
  ],
  [
    'an order lacks the event of where it stands',
    ['order-events'],
    ({ orders, eventsOf }) => remove(orders.events, eventsOf('dear')[1]!),
  ],
  [
    'an order has an event twice',
    ['order-events'],
    ({ orders, eventsOf }) => orders.events.push({ ...eventsOf('hasty')[1]!, id: 'another' }),
  ],
  [
    'an order has its events in the wrong order',
    ['order-events'],
    ({ orders, eventsOf }) => {
      const [first] = eventsOf('regretted')
      remove(orders.events, first!)
      orders.events.push(first!)
    },
  ],
  [
    'an order has events of two ends',
    ['order-events', 'order-event-differs'],
    ({ orders, order, eventsOf }) =>
      orders.events.push({ ...eventsOf('dear')[1]!, id: 'another', subject: order('confirmed').id }),
  ],
  [
    'an event says another total than its order',
    ['order-event-differs'],
    ({ eventsOf }) => (eventsOf('confirmed')[0]!.data.totalCents = 299),
  ],
  [
    'an event tells of another order than its own',
    ['order-event-differs'],
    ({ order, eventsOf }) => (eventsOf('confirmed')[0]!.data.id = order('dear').id),
  ],
  [
    'an event tells of another user than its order',
    ['order-event-differs'],
    ({ eventsOf, bobId }) => (eventsOf('confirmed')[0]!.data.userId = bobId),
  ],
  [
    'an event says another reason than its order',
    ['order-event-differs'],
    ({ eventsOf }) => (eventsOf('hasty')[1]!.data.reason = 'requested'),
  ],
  [
    'an event says another status than its type',
    ['order-event-differs'],
    ({ eventsOf }) => (eventsOf('regretted')[1]!.data.status = 'pending'),
  ],
  [
    'there are events of an order that is not there',
    ['event-without-order'],
    ({ orders, order }) => remove(orders.orders, order('hasty')),
  ],
  [
    'an order is still pending when all is settled',
    ['order-unfinished'],
    ({ orders, order, eventsOf }) => {
      Object.assign(order('hasty'), { status: 'pending', reason: null })
      remove(orders.events, eventsOf('hasty')[1]!)
    },
  ],
  [
    'an order is still cancelling when all is settled',
    ['order-unfinished'],
    ({ orders, order, eventsOf }) => {
      order('regretted').status = 'cancelling'
      remove(orders.events, eventsOf('regretted')[2]!)
    },
  ],
])('the audit of a case where %s reports %j', (_, kinds, makeWrong) => {
  expect(find(makeWrong)).toEqual(kinds)
})

test('two callers can use the same key, and orders without keys do not clash', () => {
  const kinds = find(({ order }) => {
    order('dear').idempotencyKey = order('of-bob').idempotencyKey
    order('hasty').idempotencyKey = null
    order('regretted').idempotencyKey = null
  })
  expect(kinds).toEqual([])
})

test('a live order can be unfinished, with its hold, for a minute', () => {
  const underWay: MakeWrong = ({ orders, order, eventsOf }) => {
    order('confirmed').status = 'pending'
    order('confirmed').updatedAt = '2026-01-01T00:00:00.000Z'
    remove(orders.events, eventsOf('confirmed')[1]!)
  }
  const at = (time: string) => ({ settled: false as const, now: Date.parse(time) })
  expect(find(underWay, at('2026-01-01T00:01:00.000Z'))).toEqual([])
  expect(find(underWay, at('2026-01-01T00:01:00.001Z'))).toEqual(['order-unfinished'])
})
