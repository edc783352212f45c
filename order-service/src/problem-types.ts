import { z } from 'zod'
import { followerProblemTypes } from '@tandem/chassis/events/follower-routes'
import type { ProblemTypes } from '@tandem/chassis/http/problem-types'

const rejectedOrder = { orderId: z.uuid() }

export const problemTypes: ProblemTypes = {
  ...followerProblemTypes,
  'insufficient-credit': {
    status: 402,
    title: 'Insufficient credit',
    explanation: 'The credit of the user does not cover the total. The order is kept, rejected: `orderId` names it.',
    members: rejectedOrder,
  },
  'user-not-found': {
    status: 404,
    title: 'User not found',
    explanation: 'There is no such user. The order is kept, rejected: `orderId` names it.',
    members: rejectedOrder,
  },
  'product-not-found': {
    status: 404,
    title: 'Product not found',
    explanation: 'The catalogue, at GET /products, has no such product.',
  },
  'order-not-cancellable': {
    status: 409,
    title: 'Order not cancellable',
    explanation: 'The order was rejected: there is nothing to cancel.',
  },
  'idempotency-key-reused': {
    status: 422,
    title: 'Idempotency key reused',
    explanation: 'This Idempotency-Key came before, with another body. Make a new key for a new order.',
  },
}
