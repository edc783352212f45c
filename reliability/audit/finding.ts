/** A disagreement between two services, or between a service and its caller. */
export interface Finding {
  kind: Kind
  /** Findings of the same kind and ids are the same finding. */
  ids: Readonly<Record<string, string | number>>
  message: string
}

export type Kind =
  // of users and their credit
  | 'credit-negative'
  | 'books-differ'
  | 'key-with-two-deposits'
  // of orders and what is held for them
  | 'confirmed-without-hold'
  | 'confirmed-for-nobody'
  | 'held-twice'
  | 'hold-differs'
  | 'hold-of-ended-order'
  | 'hold-of-nobody'
  | 'hold-without-order'
  | 'key-with-two-orders'
  | 'order-unfinished'
  // of the logs
  | 'order-events'
  | 'order-event-differs'
  | 'event-without-order'
  | 'events-unnumbered'
  | 'user-events'
  | 'user-event-differs'
  | 'name-kept'
  | 'user-not-erased'
  // of order-service's copy of users
  | 'copy-behind'
  | 'copy-differs'
  | 'copy-changes'
  | 'copy-of-nobody'
  | 'event-parked'
  | 'position-unknown'
  // of what a caller was told
  | 'lost-user'
  | 'lost-rename'
  | 'lost-deletion'
  | 'lost-deposit'
  | 'lost-order'
  | 'deposit-not-as-acknowledged'
  | 'order-not-as-acknowledged'
  | 'status-not-as-acknowledged'
  | 'key-acknowledged-twice'

/** The same for the same finding. */
export function nameOf({ kind, ids }: Finding): string {
  return JSON.stringify([kind, ids])
}
