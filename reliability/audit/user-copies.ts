import type { Facts } from './facts'
import type { Finding } from './finding'
import type { UserCopy, UserEvent } from './records'

/**
 * order-service's copy of users is what user-service has. It follows at its own pace: an event that it has not taken is
 * missing only once it is overdue.
 */
export function* checkUserCopies({ orders, usersById, eventsByUser, isOverdue }: Facts): Generator<Finding> {
  const copies = new Map(orders.userCopies.map((copy) => [copy.id, copy]))
  for (const [userId, events] of eventsByUser) {
    const copy = copies.get(userId)
    if (copy === undefined && !usersById.has(userId)) continue // one who was deleted may be forgotten
    const next = events.find(({ data }) => data.version > (copy?.version ?? 0))
    if (next && isOverdue(next.time)) yield behind(userId, copy, next)
  }
  for (const copy of copies.values()) {
    const last = eventsByUser.get(copy.id)?.at(-1)
    if (last === undefined) yield ofNobody(copy)
    else if (copy.version >= last.data.version) yield* compare(copy, last, usersById.get(copy.id)?.name ?? null)
    yield* checkChanges(copy)
  }
}

/** The feed was followed to where it goes, and nothing of it was put aside. */
export function* checkFollowing({ users, orders }: Facts): Generator<Finding> {
  for (const { id, error } of orders.parkedEvents) {
    yield { kind: 'event-parked', ids: { eventId: id }, message: `event ${id} is parked: ${error}` }
  }
  const known = new Set(users.events.map(({ id }) => id))
  for (const { eventId } of orders.positions) {
    if (known.has(eventId)) continue
    const message = `order-service has followed the feed to event ${eventId}, which does not exist`
    yield { kind: 'position-unknown', ids: { eventId }, message }
  }
}

/** One that is behind at another version the next time has moved on. */
function behind(userId: string, copy: UserCopy | undefined, { data, time }: UserEvent): Finding {
  const version = copy?.version ?? 0
  const state = copy ? `at version ${version}` : 'missing'
  const message = `the copy of user ${userId} is ${state}, but version ${data.version} exists since ${time}`
  return { kind: 'copy-behind', ids: { userId, version }, message }
}

function ofNobody({ id, version }: UserCopy): Finding {
  const message = `there is a copy of user ${id}, but there never was such a user`
  return { kind: 'copy-of-nobody', ids: { userId: id, version }, message }
}

function* compare({ id, name, version }: UserCopy, last: UserEvent, expected: string | null): Generator<Finding> {
  if (version === last.data.version && name === expected) return
  const message = `the copy of user ${id} is ${JSON.stringify(name)} at version ${version}, but the user is ${JSON.stringify(expected)} at version ${last.data.version}`
  yield { kind: 'copy-differs', ids: { userId: id, version }, message }
}

/** Each version was one event, which has changed the copy once. */
function* checkChanges({ id, version, changes }: UserCopy): Generator<Finding> {
  if (changes === version) return
  const message = `the copy of user ${id} is at version ${version}, but was changed ${changes} times`
  yield { kind: 'copy-changes', ids: { userId: id }, message }
}
