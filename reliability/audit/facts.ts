import type { Acknowledgement } from './journal'
import type { Hold, Order, OrderEvent, OrderRecords, User, UserEvent, UserRecords } from './records'

const maxUnsettledMs = 60_000

/** What an audit looks at. */
export interface Records {
  users: UserRecords
  orders: OrderRecords
  /** What a caller was told, line by line. */
  journal?: readonly Acknowledgement[]
}

/** Settled: nothing is under way any more. Else what has been under way for over a minute ought to be done by now. */
export type Moment = { settled: true } | { settled: false; now: number }

/** The records, each found by its id. */
export interface Facts extends Records {
  usersById: Map<string, User>
  ordersById: Map<string, Order>
  /** Those in which credit is held, by the order. */
  heldByOrder: Map<string, Hold[]>
  /** Oldest first. */
  eventsByUser: Map<string, UserEvent[]>
  /** Oldest first. */
  eventsByOrder: Map<string, OrderEvent[]>
  /** Those whose log says so. */
  deletedUsers: Set<string>
  /** Those of whom something may still be there. */
  usersBeingErased: Set<string>
  isOverdue: (since: string) => boolean
}

export function gatherFacts(records: Records, moment: Moment): Facts {
  const { users, orders } = records
  return {
    ...records,
    usersById: new Map(users.users.map((user) => [user.id, user])),
    ordersById: new Map(orders.orders.map((order) => [order.id, order])),
    heldByOrder: Map.groupBy(
      users.holds.filter(({ state }) => state === 'held'),
      ({ orderId }) => orderId,
    ),
    eventsByUser: Map.groupBy(users.events, ({ subject }) => subject),
    eventsByOrder: Map.groupBy(orders.events, ({ subject }) => subject),
    deletedUsers: new Set(users.events.filter(({ type }) => type === 'user.deleted').map(({ subject }) => subject)),
    usersBeingErased: new Set(users.redactions.map(({ subject }) => subject)),
    isOverdue: (since) => moment.settled || moment.now - Date.parse(since) > maxUnsettledMs,
  }
}
