import type { Database } from '@tandem/chassis/database/database'
import type { Log } from '@tandem/chassis/log'
import type { System } from '@tandem/chassis/system'
import type { Tracer } from '@tandem/chassis/tracing/tracing'
import type { HoldClient, RequestOptions, Undecided } from '../users/user-client'
import { advance, type OrderEvent } from './advance'
import type { Order } from './order'
import type { OrderMetrics } from './order-metrics'
import { findOrder, moveOrder } from './order-store'
import { whileCallerWaits } from './retry-policy'
import { recordFailure } from './settlement-queue'

export interface OrderDeps {
  database: Database
  system: System
  users: HoldClient
  metrics: OrderMetrics
  tracer?: Tracer | undefined
  log: Log
}

/** Asks user-service for the decision that the order waits for. Returns the event, or `Undecided`. */
export async function requestDecision(
  { users }: Pick<OrderDeps, 'users'>,
  order: Order,
  options: RequestOptions,
): Promise<OrderEvent | Undecided> {
  if (order.status === 'cancelling') {
    const answer = await users.release(order, options)
    return answer === 'released' ? { kind: 'credit-released' } : answer
  }
  const answer = await users.hold(order, options)
  switch (answer) {
    case 'held':
      return { kind: 'credit-held' }
    case 'insufficient-credit':
    case 'user-not-found':
      return { kind: 'refused', reason: answer }
    case 'hold-released':
      return { kind: 'abandoned', reason: 'timed-out' }
    default:
      return answer
  }
}

/**
 * Settles an order for a waiting caller. The order is stored by now: any failure leaves it to the settler, and must not
 * make the caller retry.
 */
export async function settleForCaller(deps: OrderDeps, order: Order, requestId: string): Promise<Order> {
  try {
    const outcome = await requestDecision(deps, order, { ...whileCallerWaits(deps.system), requestId })
    if (!isUndecided(outcome)) return await applyEvent(deps, order, outcome)
    return await recordUndecided(deps, order, { details: outcome.details, ownPause: outcome.answered })
  } catch (err) {
    deps.log.error({ err, requestId, orderId: order.id }, 'order left to the settler')
    return order
  }
}

/** Returns the current order, whoever moved it. */
export async function applyEvent(
  { database, system, metrics }: Pick<OrderDeps, 'database' | 'system' | 'metrics'>,
  order: Order,
  event: OrderEvent,
): Promise<Order> {
  const move = advance(order, event)
  if (move === undefined) return order
  const moved = await database.write((tx) => moveOrder(tx, system, order, move))
  if (moved === undefined) return (await findOrder(database.read, order.id)) ?? order
  metrics.moved(moved)
  return moved
}

/** Records a failed attempt. Returns the current order: another process may have moved it. */
export async function recordUndecided(
  { database, system }: Pick<OrderDeps, 'database' | 'system'>,
  order: Order,
  { details, ownPause }: { details: readonly string[]; ownPause: boolean },
): Promise<Order> {
  return database.write(async (tx) => {
    await recordFailure(tx, system, { order, details, ownPause })
    return (await findOrder(tx, order.id)) ?? order
  })
}

export function isUndecided(outcome: OrderEvent | Undecided): outcome is Undecided {
  return 'asked' in outcome
}
