import fc from 'fast-check'
import type { Passage } from './network'

export type Act =
  /**
   * Sent twice at once, as by a caller with two hands; beside so many others, which may share a request for holds; cancelled
   * as soon as it was answered.
   */
  | { kind: 'order'; productId: string; quantity: number; twice: boolean; beside: number; regretted: boolean }
  | { kind: 'cancel'; which: number }
  | { kind: 'deposit'; amountCents: number }
  | { kind: 'rename' }
  | { kind: 'delete' }

export interface Step {
  /** Milliseconds before it. */
  pause: number
  /** Whether its answer is waited for before the next step. */
  wait: boolean
  act: Act
}

export interface Disturbance {
  /** A moment; or how many commits of the one that it happens to come before. */
  at: number | { commits: number }
  of: 'users' | 'orders'
  /**
   * Killed, and started again after so long; or out of reach for so long, and what was sent to it comes late and out of
   * order; or its wall clock set so far on or back.
   */
  trouble: { kind: 'kill' | 'hang' | 'jump'; ms: number }
}

/** All that is going to be done, and what goes wrong meanwhile. */
export interface Story {
  /** Of everything that is left to chance. */
  seed: number
  signupCreditCents: number
  callers: Step[][]
  disturbances: Disturbance[]
  passages: Passage[]
}

/** How long things go wrong, in milliseconds. */
export const troubleMs = 30_000

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('order' as const),
      productId: fc.constantFrom('cable', 'mouse', 'keyboard', 'headphones'),
      quantity: fc.integer({ min: 1, max: 3 }),
      twice: fc.boolean(),
      beside: fc.nat({ max: 2 }),
      regretted: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('cancel' as const), which: fc.nat({ max: 3 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('deposit' as const), amountCents: fc.integer({ min: 1, max: 20_000 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('rename' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const) }) },
)

const step: fc.Arbitrary<Step> = fc.record({
  pause: fc.oneof(fc.constant(0), fc.nat({ max: 100 }), fc.nat({ max: 4_000 })),
  wait: fc.boolean(),
  act,
})

const delay = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 1, max: 20 }) },
  { weight: 2, arbitrary: fc.integer({ min: 20, max: 1_500 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1_500, max: 25_000 }) },
)

const passage: fc.Arbitrary<Passage> = fc.record({
  request: fc.oneof(
    { weight: 8, arbitrary: fc.constant('arrives' as const) },
    { weight: 1, arbitrary: fc.constantFrom('is-lost' as const, 'arrives-twice' as const) },
  ),
  requestDelay: delay,
  answer: fc.oneof(
    { weight: 6, arbitrary: fc.constant('arrives' as const) },
    { weight: 1, arbitrary: fc.constant('is-lost' as const) },
  ),
  answerDelay: delay,
})

const trouble = (kind: Disturbance['trouble']['kind'], min: number, max: number) =>
  fc.record({ kind: fc.constant(kind), ms: fc.integer({ min, max }) })

const disturbance: fc.Arbitrary<Disturbance> = fc.record({
  at: fc.oneof(fc.nat({ max: troubleMs }), fc.record({ commits: fc.integer({ min: 1, max: 40 }) })),
  of: fc.constantFrom('users' as const, 'orders' as const),
  trouble: fc.oneof(
    { weight: 4, arbitrary: trouble('kill', 1, 5_000) },
    { weight: 2, arbitrary: trouble('hang', 100, 12_000) },
    { weight: 1, arbitrary: trouble('jump', -3_600_000, 3_600_000) },
  ),
})

export const stories: fc.Arbitrary<Story> = fc.record({
  seed: fc.integer(),
  signupCreditCents: fc.constantFrom(5_000, 10_000, 30_000),
  callers: fc.array(fc.array(step, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 3 }),
  disturbances: fc.array(disturbance, { maxLength: 8 }),
  passages: fc.array(passage, { minLength: 1, maxLength: 60 }),
})
