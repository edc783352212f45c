import { serviceNames } from '../harness/compose-stack'
import { pause } from '../harness/eventually'
import type { Check, Fault } from './fault'
import { signUp } from './load/callers'
import { quantile } from './load/open-loop'
import { dribble, slowHttpTest, targetIn, type Slow } from './load/slow-callers'
import { muchCredit, startSteadyOrders } from './load/steady-orders'

const connections = 1000
const minShare = 0.95
const timed = 20
const perSecond = 50
const maxSeconds = 12

/** A thousand callers of each service at once send a few bytes every now and then, and never all of a request. */
export const slowLoris: Fault = {
  name: 'slow-loris',
  stack: { variables: { ...muchCredit, RATE_LIMIT_PER_MINUTE: '0' } }, // else POST /users is refused before its body is read
  run: async ({ stack, journal, over, tell }) => {
    await stack.startStack()
    const { token } = await signUp({ stack, journal })
    const targets = await Promise.all(serviceNames.map((service) => targetIn(stack, service)))
    const figures: string[] = []
    const checks: Check[] = []
    for (const slow of ['headers', 'body'] satisfies Slow[]) {
      const load = await startSteadyOrders({ stack, journal, over }, perSecond)
      await pause(1000)
      const from = load.now()
      const attacks = targets.map(async (target) => {
        const attack = slowHttpTest(target, token, slow, connections)
        await pause(2000) // its connections are there
        const ages = await Promise.all(Array.from({ length: timed }, () => dribble(target, token, slow)))
        return { maxAge: Math.max(...ages), ...(await attack) }
      })
      const done = await Promise.all(attacks)
      const to = load.now()
      const calls = (await load.stop()).filter(({ atMs }) => atMs >= from && atMs <= to)
      const tooks = calls.map(({ tookMs }) => tookMs)
      const p99 = quantile(tooks, 0.99)
      const well = calls.filter(({ result }) => result === 201).length
      const maxAge = Math.max(...done.map((it) => it.maxAge))
      const left = done.reduce((sum, it) => sum + it.left, 0)
      const made = Math.min(...done.map((it) => it.made))
      tell(`slow ${slow}: cut after ${maxAge.toFixed(1)} s, p99 of others ${p99.toFixed(0)} ms`)
      figures.push(`slow ${slow}: ${calls.length} orders meanwhile, p50 ${quantile(tooks, 0.5).toFixed(0)} ms`)
      checks.push(
        {
          message: `slow ${slow} cut after ${maxAge.toFixed(1)} s, within ${maxSeconds}`,
          holds: maxAge <= maxSeconds,
        },
        {
          message: `${made} connections to each service at once, at least ${minShare * connections}`,
          holds: made >= minShare * connections,
        },
        { message: `${left} of ${2 * connections} connections left in the end`, holds: left === 0 },
        { message: `p99 of others ${p99.toFixed(0)} ms, below 500`, holds: p99 < 500 },
        {
          message: `${calls.length - well} of others without a 201`,
          holds: calls.length === well,
          noneOf: calls.length,
        },
      )
    }
    const done = `slowhttptest with ${connections} connections to each service, ${timed} more of them timed, ${perSecond} orders a second`
    return { done, figures, checks }
  },
}
