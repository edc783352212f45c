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

/** Status and reason: a rejected order always has a reason, a confirmed one never. */
export type OrderState =
  | { status: 'pending' | 'confirmed'; reason: null }
  | { status: 'rejected'; reason: Rejection }
  | { status: 'cancelling' | 'cancelled'; reason: Cancellation }

export type Order = OrderFacts & OrderState

export const orderStatuses = ['pending', 'confirmed', 'rejected', 'cancelling', 'cancelled'] as const

/** Maximum number of pending and cancelling orders of a user. */
export const maxUnfinished = 1000

export type OrderStatus = (typeof orderStatuses)[number]
