export interface Item {
  productId: string
  quantity: number
  unitPriceCents: number
}

export type Rejection = 'insufficient-credit' | 'user-not-found'
export type Cancellation = 'timed-out' | 'requested'

interface OrderFacts {
  id: string
  userId: string
  items: readonly Item[]
  totalCents: number
  createdAt: string
  updatedAt: string
}

/** Where an order stands, and why: a rejected one always has a reason, a confirmed one never. */
export type OrderState =
  | { status: 'pending' | 'confirmed'; reason: null }
  | { status: 'rejected'; reason: Rejection }
  | { status: 'cancelling' | 'cancelled'; reason: Cancellation }

export type Order = OrderFacts & OrderState

export const orderStatuses = ['pending', 'confirmed', 'rejected', 'cancelling', 'cancelled'] as const

/** How many pending and cancelling orders a user may have: with more, no order is accepted. */
export const maxUnfinished = 1000

export type OrderStatus = (typeof orderStatuses)[number]
