import type { Cancellation, OrderState, Rejection } from './order'

export type OrderEvent =
  | { kind: 'credit-held' }
  | { kind: 'refused'; reason: Rejection }
  | { kind: 'abandoned'; reason: Cancellation }
  | { kind: 'credit-released' }

/**
 * Returns the next state, or undefined if the event changes nothing, such as a late or repeated one.
 *
 *     pending ──▶ confirmed ──▶ cancelling ──▶ cancelled
 *        │  └──────────────────────▲
 *        └─────▶ rejected
 */
export function advance(order: OrderState, event: OrderEvent): OrderState | undefined {
  switch (order.status) {
    case 'pending':
      switch (event.kind) {
        case 'credit-held':
          return { status: 'confirmed', reason: null }
        case 'refused':
          return { status: 'rejected', reason: event.reason }
        case 'abandoned':
          return { status: 'cancelling', reason: event.reason }
        case 'credit-released':
          return undefined
        default:
          return forgotten(event)
      }
    case 'confirmed':
      switch (event.kind) {
        case 'abandoned':
          return event.reason === 'requested' ? { status: 'cancelling', reason: 'requested' } : undefined
        case 'credit-held':
        case 'refused':
        case 'credit-released':
          return undefined
        default:
          return forgotten(event)
      }
    case 'cancelling':
      switch (event.kind) {
        case 'credit-released':
          return { status: 'cancelled', reason: order.reason }
        case 'credit-held':
        case 'refused':
        case 'abandoned':
          return undefined
        default:
          return forgotten(event)
      }
    case 'rejected':
    case 'cancelled':
      return undefined
    default:
      return forgotten(order)
  }
}

export function detailOf(event: OrderEvent): string {
  switch (event.kind) {
    case 'credit-held':
      return 'user-service holds the credit'
    case 'refused':
      return event.reason === 'user-not-found'
        ? 'user-service has no such user'
        : 'the available credit is less than the total'
    case 'abandoned':
      return event.reason === 'requested' ? 'cancellation requested' : 'not confirmed in time'
    case 'credit-released':
      return 'user-service released the credit'
  }
}

function forgotten(value: never): never {
  throw new Error(`not decided: ${JSON.stringify(value)}`)
}
