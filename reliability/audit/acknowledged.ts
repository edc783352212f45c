import type { Facts } from './facts'
import type { Finding } from './finding'
import type { Acknowledgement } from './journal'
import type { OrderStatus } from './records'

type Told<Kind extends Acknowledgement['kind']> = Extract<Acknowledgement, { kind: Kind }>

/** The statuses that an order can have reached since its acknowledgement. */
const later: Record<OrderStatus, OrderStatus[]> = {
  pending: ['pending', 'confirmed', 'rejected', 'cancelling', 'cancelled'],
  confirmed: ['confirmed', 'cancelling', 'cancelled'],
  rejected: ['rejected'],
  cancelling: ['cancelling', 'cancelled'],
  cancelled: ['cancelled'],
}

/** Everything a caller was told still exists, in a state it can have reached since. */
export function* checkAcknowledged(facts: Facts): Generator<Finding> {
  const { journal = [], users } = facts
  const deposits = new Map(users.deposits.map((deposit) => [deposit.id, deposit]))
  for (const told of journal) {
    if (told.kind === 'user') yield* checkUser(facts, told)
    else if (told.kind === 'rename') yield* checkRename(facts, told)
    else if (told.kind === 'deletion') yield* checkDeletion(facts, told)
    else if (told.kind === 'deposit') yield* checkDeposit(facts, told, deposits.get(told.id))
    else yield* checkOrder(facts, told)
  }
  yield* checkKeys(journal)
}

function* checkUser({ usersById, deletedUsers }: Facts, { id }: Told<'user'>): Generator<Finding> {
  if (usersById.has(id) || deletedUsers.has(id)) return
  yield { kind: 'lost-user', ids: { userId: id }, message: `user ${id} was acknowledged, but is missing` }
}

function* checkRename({ eventsByUser, deletedUsers }: Facts, told: Told<'rename'>): Generator<Finding> {
  const { userId, version, name } = told
  const event = eventsByUser.get(userId)?.find(({ data }) => data.version === version)
  if (event && (event.data.name === name || deletedUsers.has(userId))) return
  const message = `version ${version} of user ${userId} was acknowledged as ${JSON.stringify(name)}, but is missing`
  yield { kind: 'lost-rename', ids: { userId, version }, message }
}

function* checkDeletion({ usersById, deletedUsers }: Facts, { userId }: Told<'deletion'>): Generator<Finding> {
  if (!usersById.has(userId) && deletedUsers.has(userId)) return
  const found = usersById.has(userId) ? 'the user still exists' : 'no event records it'
  yield {
    kind: 'lost-deletion',
    ids: { userId },
    message: `the deletion of user ${userId} was acknowledged, but ${found}`,
  }
}

function* checkDeposit(
  { deletedUsers }: Facts,
  told: Told<'deposit'>,
  found: { userId: string; amountCents: number } | undefined,
): Generator<Finding> {
  const { id, userId, amountCents } = told
  const ids = { depositId: id }
  const deposit = `deposit ${id} of ${amountCents} to user ${userId} was acknowledged`
  if (found === undefined) {
    if (!deletedUsers.has(userId)) yield { kind: 'lost-deposit', ids, message: `${deposit}, but is missing` }
  } else if (found.userId !== userId || found.amountCents !== amountCents) {
    const message = `${deposit}, but is now ${found.amountCents} to user ${found.userId}`
    yield { kind: 'deposit-not-as-acknowledged', ids, message }
  }
}

function* checkOrder({ ordersById }: Facts, told: Told<'order'>): Generator<Finding> {
  const ids = { orderId: told.id }
  const was = `order ${told.id} was acknowledged as ${told.status}`
  const order = ordersById.get(told.id)
  if (order === undefined) {
    yield { kind: 'lost-order', ids, message: `${was}, but is missing` }
    return
  }
  const expected = {
    userId: told.userId,
    totalCents: told.totalCents ?? order.totalCents,
    key: told.key ?? order.idempotencyKey,
    placedBy: told.placedBy ?? (told.key === undefined ? order.placedBy : told.userId),
  }
  const { userId, totalCents, idempotencyKey: key, placedBy } = order
  const [as, is] = [JSON.stringify(expected), JSON.stringify({ userId, totalCents, key, placedBy })]
  if (as !== is) yield { kind: 'order-not-as-acknowledged', ids, message: `${was} with ${as}, but now has ${is}` }
  if (!later[told.status].includes(order.status)) {
    yield { kind: 'status-not-as-acknowledged', ids, message: `${was}, but is now ${order.status}` }
  }
}

/** One key never names two orders. */
function* checkKeys(journal: readonly Acknowledgement[]): Generator<Finding> {
  const orders = journal.filter((told) => told.kind === 'order').filter(({ key }) => key !== undefined)
  for (const [key, told] of Map.groupBy(orders, (it) => `${it.key} of ${it.placedBy ?? it.userId}`)) {
    const named = new Set(told.map(({ id }) => id))
    if (named.size === 1) continue
    const message = `the key ${key} was acknowledged with ${named.size} orders: ${[...named].join(', ')}`
    yield { kind: 'key-acknowledged-twice', ids: { key }, message }
  }
}
