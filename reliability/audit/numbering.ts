import type { Facts } from './facts'
import type { Finding } from './finding'

/** Each event of a log gets its number, without which no reader sees it. */
export function* checkNumbering({ users, orders, isOverdue }: Facts): Generator<Finding> {
  const logs = { 'user-service': users.events, 'order-service': orders.events }
  for (const [service, events] of Object.entries(logs)) {
    const overdue = events.filter(({ sequence, time }) => sequence === null && isOverdue(time))
    const [first] = overdue
    if (first === undefined) continue
    const oldest = overdue.reduce((least, { time }) => (time < least ? time : least), first.time)
    const message = `${overdue.length} events of ${service} have no number, the oldest since ${oldest}: nobody can read them`
    yield { kind: 'events-unnumbered', ids: { service }, message }
  }
}
