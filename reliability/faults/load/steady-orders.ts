import { randomUUID } from 'node:crypto'
import { askPort } from '../../harness/ask'
import type { FaultContext } from '../fault'
import { acknowledge, orderRequest, renewToken, signUpMany } from './callers'
import { openLoop, type Timed } from './open-loop'

/** An order: when it was placed, how long its caller waited, and the status of the answer, if there was one. */
export type OrderCall = Timed<number>

/** Places so many orders a second for several users, each once, until told to stop. Returns all of them. */
export async function startSteadyOrders(
  world: Pick<FaultContext, 'stack' | 'journal' | 'over'>,
  perSecond: number,
): Promise<{ now: () => number; renewTokens: () => Promise<unknown>; stop: () => Promise<OrderCall[]> }> {
  const { stack, journal, over } = world
  const users = await signUpMany(world, 10)
  let next = 0
  let stopped = false
  const began = performance.now()
  const calls = openLoop(
    perSecond,
    () => !stopped && !over.aborted,
    async () => {
      const user = users[next++ % users.length]
      if (user === undefined) throw new Error('there are no users')
      const key = randomUUID()
      const answer = await askPort(stack.ports['order-service'], orderRequest(user, key), 10_000)
      if (answer.status < 300 || answer.status === 402) acknowledge({ journal }, user, answer, key)
      return answer.status
    },
  )
  return {
    now: () => performance.now() - began,
    renewTokens: () => Promise.all(users.map((user) => renewToken(stack, user))),
    stop: () => {
      stopped = true
      return calls
    },
  }
}

/** The credit that it takes: as much as a new user can have. */
export const muchCredit = { SIGNUP_CREDIT_CENTS: '1000000000' }
