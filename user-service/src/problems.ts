import type { ProblemTypes } from '@tandem/chassis/http/problem-types'

export const problemTypes: ProblemTypes = {
  'user-not-found': { status: 404, title: 'User not found', explanation: 'There is no such user, or it is not you.' },
  'email-taken': {
    status: 409,
    title: 'E-mail address taken',
    explanation: 'Another user has this e-mail address; upper and lower case make no difference.',
  },
  'insufficient-credit': {
    status: 402,
    title: 'Insufficient credit',
    explanation:
      'The credit of the user did not cover the amount when this order was decided on. That decision stands.',
  },
  'hold-released': {
    status: 409,
    title: 'Hold released',
    explanation: 'Credit for this order was given back, and cannot be held again.',
  },
  'hold-mismatch': {
    status: 409,
    title: 'Hold mismatch',
    explanation: 'Credit is held for this order, but of another amount or of another user.',
  },
  'idempotency-key-reused': {
    status: 422,
    title: 'Idempotency key reused',
    explanation: 'This Idempotency-Key came before, with another request. Make a new key for a new request.',
  },
}
