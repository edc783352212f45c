import type { Facts } from './facts'
import type { Finding } from './finding'

/** For each user, deposits = available credit + held credit, and their sum is stored with the user. */
export function* checkBooks({ users }: Facts): Generator<Finding> {
  const deposited = sumByUser(users.deposits)
  const held = sumByUser(users.holds.filter(({ state }) => state === 'held'))
  for (const { id, creditCents, depositedCents } of users.users) {
    const ids = { userId: id }
    if (creditCents < 0) yield { kind: 'credit-negative', ids, message: `user ${id} has a credit of ${creditCents}` }
    const [given, taken] = [deposited.get(id) ?? 0, held.get(id) ?? 0]
    if (given !== creditCents + taken) {
      const message = `user ${id} has deposits of ${given}, but ${creditCents} available and ${taken} held`
      yield { kind: 'books-differ', ids, message }
    } else if (given !== depositedCents) {
      const message = `user ${id} has deposits of ${given}, but a stored sum of ${depositedCents}`
      yield { kind: 'books-differ', ids, message }
    }
  }
}

/** No key made two deposits. */
export function* checkDepositKeys({ users }: Facts): Generator<Finding> {
  const withKey = users.deposits.filter(({ idempotencyKey }) => idempotencyKey !== null)
  for (const [key, deposits] of Map.groupBy(withKey, (it) => `${it.idempotencyKey} of ${it.madeBy}`)) {
    if (deposits.length === 1) continue
    const message = `the key ${key} made ${deposits.length} deposits: ${deposits.map(({ id }) => id).join(', ')}`
    yield { kind: 'key-with-two-deposits', ids: { key }, message }
  }
}

/** Each hold belongs to an existing user and to an order that can have it. */
export function* checkHolds({ users, usersById, usersBeingErased, ordersById }: Facts): Generator<Finding> {
  for (const { orderId, userId, state, amountCents } of users.holds) {
    if (state !== 'held' || usersBeingErased.has(userId)) continue
    const ids = { orderId }
    const hold = `user ${userId} has a hold of ${amountCents} for order ${orderId}`
    const order = ordersById.get(orderId)
    if (!usersById.has(userId)) yield { kind: 'hold-of-nobody', ids, message: `${hold}, but there is no such user` }
    if (order === undefined) {
      yield { kind: 'hold-without-order', ids, message: `${hold}, but there is no such order` }
    } else if (order.status === 'rejected' || order.status === 'cancelled') {
      yield { kind: 'hold-of-ended-order', ids, message: `${hold}, which is ${order.status}` }
    } else if (order.userId !== userId || order.totalCents !== amountCents) {
      yield {
        kind: 'hold-differs',
        ids,
        message: `${hold}, which belongs to user ${order.userId} and totals ${order.totalCents}`,
      }
    }
  }
}

/** Each confirmed order of an existing user has exactly one hold. */
export function* checkConfirmed({ orders, usersById, deletedUsers, heldByOrder }: Facts): Generator<Finding> {
  for (const { id, userId, totalCents, status } of orders.orders) {
    if (status !== 'confirmed') continue
    const ids = { orderId: id }
    const order = `order ${id} of user ${userId} for ${totalCents} is confirmed`
    const holds = heldByOrder.get(id)?.length ?? 0
    if (!usersById.has(userId)) {
      if (deletedUsers.has(userId)) continue // what was held went with the user
      yield { kind: 'confirmed-for-nobody', ids, message: `${order}, but there never was such a user` }
    } else if (holds === 0) {
      yield { kind: 'confirmed-without-hold', ids, message: `${order}, but has no hold` }
    } else if (holds > 1) {
      yield { kind: 'held-twice', ids, message: `${order}, but has ${holds} holds` }
    }
  }
}

function sumByUser(amounts: readonly { userId: string; amountCents: number | null }[]): Map<string, number> {
  const sums = new Map<string, number>()
  for (const { userId, amountCents } of amounts) sums.set(userId, (sums.get(userId) ?? 0) + (amountCents ?? 0))
  return sums
}
