import { audit } from '../../audit/audit'
import type { Moment, Records } from '../../audit/facts'
import type { Hold, Order, OrderEvent, User, UserCopy, UserEvent } from '../../audit/records'
import { rightRecords } from './right-records'

/** A copy of the right records, to be made wrong, with its parts at hand. An order is known by its key. */
export interface Wrong extends Records {
  ada: User
  adasEvents: UserEvent[]
  adasCopy: UserCopy
  bobId: string
  bobsEvents: UserEvent[]
  bobsCopy: UserCopy
  order: (key: string) => Order
  eventsOf: (key: string) => OrderEvent[]
  holdOf: (key: string) => Hold
}

export type MakeWrong = (records: Wrong) => unknown

/** Answers what kinds of findings there are once the right records were made wrong. */
export type FindIn = (makeWrong: MakeWrong, moment?: Moment) => string[]

let right: ReturnType<typeof rightRecords> | undefined

/** Each call makes a copy of its own: making the records takes a while. */
export async function finder(): Promise<FindIn> {
  const records = await (right ??= rightRecords())
  return (makeWrong, moment = { settled: true }) => {
    const wrong = withParts(structuredClone(records))
    makeWrong(wrong)
    return audit(wrong, moment).findings.map(({ kind }) => kind)
  }
}

function withParts(records: Records): Wrong {
  const { users, orders } = records
  const ada = users.users[0]!
  const bobId = users.events.at(-1)!.subject
  const order = (key: string) => orders.orders.find(({ idempotencyKey }) => idempotencyKey === key)!
  return {
    ...records,
    ada,
    adasEvents: users.events.filter(({ subject }) => subject === ada.id),
    adasCopy: orders.userCopies.find(({ id }) => id === ada.id)!,
    bobId,
    bobsEvents: users.events.filter(({ subject }) => subject === bobId),
    bobsCopy: orders.userCopies.find(({ id }) => id === bobId)!,
    order,
    eventsOf: (key) => orders.events.filter(({ subject }) => subject === order(key).id),
    holdOf: (key) => users.holds.find(({ orderId }) => orderId === order(key).id)!,
  }
}

export function remove<T>(from: T[], ...those: T[]): void {
  for (const one of those) from.splice(from.indexOf(one), 1)
}
