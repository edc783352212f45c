import type { Facts } from './facts'
import type { Finding } from './finding'
import type { UserEvent } from './records'

/** Each user has been created, then changed version by version, and deleted last. */
export function* checkUserEvents({ users, usersById, eventsByUser }: Facts): Generator<Finding> {
  for (const { id, version } of users.users) {
    const history = historyOf(eventsByUser.get(id))
    if (history === expectedHistory(version, { deleted: false })) continue
    const message = `user ${id} is at version ${version}, but its events are: ${history}`
    yield { kind: 'user-events', ids: { userId: id }, message }
  }
  for (const [userId, events] of eventsByUser) {
    if (usersById.has(userId)) continue
    const history = historyOf(events)
    if (events.length > 1 && history === expectedHistory(events.length, { deleted: true })) continue
    yield { kind: 'user-events', ids: { userId }, message: `user ${userId} does not exist, but has events: ${history}` }
  }
}

/** The events agree with the stored user; no event of a deleted user has the name. */
export function* checkUserNames({ users, deletedUsers, usersBeingErased, eventsByUser }: Facts): Generator<Finding> {
  for (const { id, name } of users.users) {
    const last = eventsByUser.get(id)?.at(-1)
    if (last === undefined || last.data.name === name) continue
    const message = `user ${id} is ${JSON.stringify(name)}, but its last event says ${JSON.stringify(last.data.name)}`
    yield { kind: 'user-event-differs', ids: { eventId: last.id }, message }
  }
  for (const { id, subject, data } of users.events) {
    if (data.id !== subject) {
      const message = `event ${id} of user ${subject} names user ${data.id}`
      yield { kind: 'user-event-differs', ids: { eventId: id }, message }
    }
    if (!deletedUsers.has(subject) || usersBeingErased.has(subject) || data.name === null) continue
    const message = `user ${subject} was deleted, but event ${id} still has the name`
    yield { kind: 'name-kept', ids: { eventId: id }, message }
  }
}

/** What is left of a deleted user is erased within the time that anything may take. */
export function* checkErasures({ users, isOverdue }: Facts): Generator<Finding> {
  for (const { subject, since } of users.redactions) {
    if (!isOverdue(since)) continue
    yield {
      kind: 'user-not-erased',
      ids: { userId: subject },
      message: `user ${subject} has been in erasure since ${since}`,
    }
  }
}

function historyOf(events: readonly UserEvent[] = []): string {
  const history = events.map(({ type, data }) => `${type.replace(/^user\./, '')} ${data.version}`)
  return history.join(', ') || 'none'
}

function expectedHistory(versions: number, { deleted }: { deleted: boolean }): string {
  const expected = Array.from({ length: versions }, (_, i) => {
    if (i === 0) return 'created 1'
    return deleted && i === versions - 1 ? `deleted ${i + 1}` : `updated ${i + 1}`
  })
  return expected.join(', ')
}
