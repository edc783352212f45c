import { unauthenticated, type ProblemTypes } from '@tandem/chassis/http/problem-types'

export const problemTypes = {
  unauthenticated: unauthenticated('Get a token at POST /tokens.'),
  'user-not-found': {
    status: 404,
    title: 'User not found',
    explanation: 'There is no such user, or it is another user.',
  },
  'email-taken': {
    status: 409,
    title: 'E-mail address taken',
    explanation: 'Another user has this e-mail address. Upper and lower case make no difference.',
  },
  'insufficient-credit': {
    status: 402,
    title: 'Insufficient credit',
    explanation: 'The credit of the user did not cover this order when it was decided. The decision is final.',
  },
  'hold-released': {
    status: 409,
    title: 'Hold released',
    explanation: 'The credit for this order was released, and cannot be held again.',
  },
  'hold-mismatch': {
    status: 409,
    title: 'Hold mismatch',
    explanation: 'Credit is held for this order, but another amount, or for another user.',
  },
  'idempotency-key-reused': {
    status: 422,
    title: 'Idempotency key reused',
    explanation: 'This Idempotency-Key was used for another request. Use a new key for each new request.',
  },
} satisfies ProblemTypes

declare module '@tandem/chassis/failure' {
  interface ProblemCodes {
    'user-service': keyof typeof problemTypes
  }
}
