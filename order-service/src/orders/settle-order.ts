import type { Database } from '@tandem/chassis/database/database'
import type { System } from '@tandem/chassis/system'
import type { AskOptions, Unknown, UserClient } from '../user-client/user-client'
import { advance, type OrderEvent } from './advance'
import type { Order } from './order'
import { findOrder, moveOrder } from './order-store'
import { recordFailure } from './unfinished-store'

export interface SettleDeps {
  database: Database
  system: System
  users: UserClient
}

/** Asks user-service what an unfinished order waits for. Answers what happened, or that it is still not known. */
export async function askAbout(
  { users }: Pick<SettleDeps, 'users'>,
  order: Order,
  options: AskOptions,
): Promise<OrderEvent | Unknown> {
  if (order.status === 'cancelling') {
    const answer = await users.release(order, options)
    return answer === 'released' ? { type: 'credit-released' } : answer
  }
  const answer = await users.hold(order, options)
  switch (answer) {
    case 'held':
      return { type: 'credit-held' }
    case 'insufficient-credit':
    case 'user-not-found':
      return { type: 'refused', reason: answer }
    case 'hold-released':
      return { type: 'abandoned', reason: 'timed-out' }
    default:
      return answer
  }
}

/** Moves the order as the event has it. Answers the order as it is then, whoever moved it. */
export async function apply(
  { database, system }: Omit<SettleDeps, 'users'>,
  order: Order,
  event: OrderEvent,
): Promise<Order> {
  const next = advance(order, event)
  if (next === undefined) return order
  return database.write(async (tx) => {
    const moved = await moveOrder(tx, system, order, next, detailOf(event))
    return moved ?? (await findOrder(tx, order.id)) ?? order
  })
}

/** Writes down an attempt that brought nothing; one that was never made leaves no trace but that the order is due. */
export async function applyUnknown(
  { database, system }: Omit<SettleDeps, 'users'>,
  order: Order,
  { detail, ownPause }: { detail: string; ownPause: boolean },
): Promise<void> {
  await database.write((tx) => recordFailure(tx, system, { order, detail, ownPause }))
}

export function isUnknown(outcome: OrderEvent | Unknown): outcome is Unknown {
  return 'asked' in outcome
}

function detailOf(event: OrderEvent): string {
  switch (event.type) {
    case 'credit-held':
      return 'user-service holds the credit'
    case 'refused':
      return event.reason === 'user-not-found' ? 'user-service has no such user' : 'the credit does not cover the total'
    case 'abandoned':
      return event.reason === 'requested' ? 'cancelling was asked for' : 'nobody could confirm it in time'
    case 'credit-released':
      return 'user-service holds nothing for it any more'
  }
}
