import { randomUUID } from 'node:crypto'
import { askPort } from '../harness/ask'
import { pause } from '../harness/eventually'
import type { Fault } from './fault'
import { acknowledge, orderRequest, signUpMany } from './load/callers'
import { openLoop, quantile } from './load/open-loop'
import { settled } from './load/settled'
import { muchCredit } from './load/steady-orders'
import { proxyFigures, setProxy, withProxy } from './proxy/control'

const perSecond = 50
const openedMs = 10_000

/** user-service returns 503 for everything: clients that retry at once would keep it from coming back. */
export const storm: Fault = {
  name: 'storm',
  stack: { ...withProxy, variables: muchCredit },
  run: async ({ stack, journal, over, seed, short, tell }) => {
    const seconds = short ? 15 : 60
    await stack.startStack()
    const users = await signUpMany({ stack, journal }, 10)
    await setProxy({ lost: 0, seed, refusing: true })
    let placed = 0
    const beganAt = Date.now()
    const calls = await openLoop(
      perSecond,
      (atMs) => !over.aborted && atMs < seconds * 1000,
      async () => {
        const user = users[placed++ % users.length]
        if (user === undefined) throw new Error('there are no users')
        const key = randomUUID()
        const answer = await askPort(stack.ports['order-service'], orderRequest(user, key), 10_000)
        if (answer.status === 202) acknowledge({ journal }, user, answer, key)
        return { status: answer.status, requestId: answer.headers.get('x-request-id') ?? '' }
      },
    )
    await pause(1000)
    await setProxy({ lost: 0, seed, refusing: false })
    tell('user-service works again')
    const { seconds: settling, unfinished } = await settled(stack, 60_000)

    const { refused } = await proxyFigures()
    const callers = new Set(calls.map(({ result }) => result?.requestId))
    const byCallers = refused.filter(({ requestId }) => callers.has(requestId)) // the others are the settler's
    const ofOrder = Map.groupBy(byCallers, ({ path }) => path.split('/').at(-1))
    const maxRequests = Math.max(...Array.from(ofOrder.values(), ({ length }) => length))
    const later = refused.filter(({ at }) => at >= beganAt + openedMs).length
    const laterSeconds = seconds - openedMs / 1000
    const accepted = calls.filter(({ result }) => result?.status === 202).length
    return {
      done: `user-service returns 503 for ${seconds} s, ${perSecond} orders a second, ${calls.length} orders`,
      figures: [
        `user-service was asked ${refused.length} times, ${byCallers.length} of them for the caller of an order`,
        `p99 ${quantile(
          calls.map(({ tookMs }) => tookMs),
          0.99,
        ).toFixed(0)} ms`,
        `settled ${settling.toFixed(1)} s after it was back`,
      ],
      checks: [
        {
          message: `${later} requests in the last ${laterSeconds} s, at most one a second`,
          holds: later <= laterSeconds + 2,
        },
        {
          message: `at most ${maxRequests} attempts for the caller of an order, never over 3`,
          holds: maxRequests <= 3,
        },
        {
          message: `${calls.length - accepted} without a 202`,
          holds: accepted === calls.length,
          noneOf: calls.length,
        },
        { message: `${unfinished} unsettled a minute later`, holds: unfinished === 0 },
        { message: 'user-service was called, and refused', holds: refused.length > 0 },
      ],
    }
  },
}
