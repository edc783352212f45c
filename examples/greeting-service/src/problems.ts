import { unauthenticated, type ProblemTypes } from '@tandem/chassis/http/problem-types'

export const problemTypes = {
  unauthenticated: unauthenticated('Get a token at POST /tokens of user-service.'),
  'greeting-not-found': {
    status: 404,
    title: 'Greeting not found',
    explanation: 'There is no such greeting, or it is not yours.',
  },
  'user-not-found': {
    status: 404,
    title: 'User not found',
    explanation: 'There is no such user, or it is not you.',
  },
} satisfies ProblemTypes

declare module '@tandem/chassis/failure' {
  interface ProblemCodes {
    'greeting-service': keyof typeof problemTypes
  }
}
