import { z } from 'zod'
import { followerProblemTypes } from '@tandem/chassis/following/follower-routes'
import { unauthenticated, type ProblemTypes } from '@tandem/chassis/http/problem-types'
import { maxUnfinished } from './orders/order'
import { maxUpstreamPauseMs } from './orders/retry-policy'

const retryAfterSeconds = maxUpstreamPauseMs / 1000

const rejectedOrder = {
  orderId: z.uuid().meta({ examples: ['0190f3c6-52ab-7f04-b7c2-0123456789ab'] }),
}

export const problemTypes = {
  unauthenticated: unauthenticated('Get a token at POST /tokens of user-service.'),
  ...followerProblemTypes,
  'insufficient-credit': {
    status: 402,
    title: 'Insufficient credit',
    explanation: 'The credit of the user does not cover the total. The order is stored as rejected, under `orderId`.',
    members: rejectedOrder,
  },
  'user-not-found': {
    status: 404,
    title: 'User not found',
    explanation: 'There is no such user. The order is stored as rejected, under `orderId`.',
    members: rejectedOrder,
  },
  'product-not-found': {
    status: 404,
    title: 'Product not found',
    explanation: 'There is no such product. GET /products lists them all.',
  },
  'order-not-cancellable': {
    status: 409,
    title: 'Order not cancellable',
    explanation: 'The order was rejected, so there is nothing to cancel.',
  },
  'rate-limited': {
    status: 429,
    title: 'Too many unfinished orders',
    explanation: `The user has ${maxUnfinished} orders that are pending or cancelling. They are settled without you: try again after the time in Retry-After.`,
    headers: {
      'Retry-After': String(retryAfterSeconds),
      'RateLimit-Policy': `"unfinished-orders"; q=${maxUnfinished}`,
      RateLimit: `"unfinished-orders"; r=0; t=${retryAfterSeconds}`,
    },
  },
  'idempotency-key-reused': {
    status: 422,
    title: 'Idempotency key reused',
    explanation: 'This Idempotency-Key was used with another body. Use a new key for each new order.',
  },
} satisfies ProblemTypes

declare module '@tandem/chassis/failure' {
  interface ProblemCodes {
    'order-service': keyof typeof problemTypes
  }
}
