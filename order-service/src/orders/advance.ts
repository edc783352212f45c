import type { Cancellation, OrderState, Rejection } from './order'

export type OrderEvent =
  | { kind: 'credit-held' }
  | { kind: 'refused'; reason: Rejection }
  | { kind: 'abandoned'; reason: Cancellation }
  | { kind: 'credit-released' }

export interface Move {
  state: OrderState
  /** For the timeline. */
  detail: string
}

const details = {
  'insufficient-credit': 'the available credit is less than the total',
  'user-not-found': 'user-service has no such user',
  'timed-out': 'not confirmed in time',
  requested: 'cancellation requested',
} satisfies Record<Rejection | Cancellation, string>

/**
 * Returns the next state and why, or undefined if the event changes nothing, such as a late or repeated one.
 *
 *     pending ──▶ confirmed ──▶ cancelling ──▶ cancelled
 *        │  └──────────────────────▲
 *        └─────▶ rejected
 */
export function advance(order: OrderState, event: OrderEvent): Move | undefined {
  switch (order.status) {
    case 'pending':
      switch (event.kind) {
        case 'credit-held':
          return { state: { status: 'confirmed', reason: null }, detail: 'user-service holds the credit' }
        case 'refused':
          return { state: { status: 'rejected', reason: event.reason }, detail: details[event.reason] }
        case 'abandoned':
          return { state: { status: 'cancelling', reason: event.reason }, detail: details[event.reason] }
        case 'credit-released':
          return undefined
        default:
          return forgotten(event)
      }
    case 'confirmed':
      switch (event.kind) {
        case 'abandoned':
          if (event.reason !== 'requested') return undefined
          return { state: { status: 'cancelling', reason: 'requested' }, detail: details.requested }
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
          return { state: { status: 'cancelled', reason: order.reason }, detail: 'user-service released the credit' }
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

function forgotten(value: never): never {
  throw new Error(`not decided: ${JSON.stringify(value)}`)
}
