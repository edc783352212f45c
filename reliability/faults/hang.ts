import { pause } from '../harness/eventually'
import type { Fault } from './fault'
import { loopDelay, memoryOf } from './load/inside'
import { quantile } from './load/open-loop'
import { settled } from './load/settled'
import { muchCredit, startSteadyOrders } from './load/steady-orders'

const perSecond = 50
const wellMs = 10_000

/** user-service accepts connections and never responds, like a stuck process. */
export const hang: Fault = {
  name: 'hang',
  stack: { variables: muchCredit },
  run: async ({ stack, journal, over, short, tell }) => {
    const seconds = short ? 10 : 60
    await stack.startStack()
    const idleLoopMs = await loopDelay(stack, 'order-service', () => pause(10_000))
    const load = await startSteadyOrders({ stack, journal, over }, perSecond)
    await pause(10_000)
    const memoryBefore = await memoryOf(stack, 'order-service')
    tell(`event loop p99 ${idleLoopMs.toFixed(1)} ms idle, ${memoryBefore.toFixed(0)} MB`)

    await stack.docker('pause', await stack.containerOf('user-service'))
    const pausedMs = load.now()
    const memories: number[] = []
    const loopMs = await loopDelay(stack, 'order-service', async () => {
      while (load.now() < pausedMs + seconds * 1000) {
        await pause(2000)
        memories.push(await memoryOf(stack, 'order-service'))
      }
    })
    const resumedMs = load.now()
    await stack.docker('unpause', await stack.containerOf('user-service'))
    await pause(wellMs)
    const calls = await load.stop()
    const { unfinished } = await settled(stack, 0)

    const during = calls.filter(({ atMs }) => atMs > pausedMs && atMs < resumedMs)
    const tooks = during.map(({ tookMs }) => tookMs)
    const slowest = Math.max(...calls.map(({ tookMs }) => tookMs))
    const growth = Math.max(...memories) - memoryBefore
    const lastUnwell = calls.findLast(({ result }) => result !== 201)
    const wellAfterMs = (lastUnwell ? lastUnwell.atMs + lastUnwell.tookMs : resumedMs) - resumedMs
    const accepted = (some: typeof calls) => some.filter(({ result }) => result === 202 || result === 201).length
    const refused = calls.length - accepted(calls)
    return {
      done: `user-service paused for ${seconds} s, ${perSecond} orders a second, ${during.length} of them then`,
      figures: [
        `${accepted(during)} answered 201 or 202`,
        `p50 ${quantile(tooks, 0.5).toFixed(1)} ms, p99 ${quantile(tooks, 0.99).toFixed(0)} ms`,
        `callers late by ${Math.max(...during.map(({ lateMs }) => lateMs)).toFixed(0)} ms at most`,
      ],
      checks: [
        { message: `the slowest call took ${slowest.toFixed(0)} ms, at most 3300`, holds: slowest <= 3300 },
        { message: `${refused} not accepted, before, during and after`, holds: refused === 0, noneOf: calls.length },
        {
          message: `event loop p99 ${loopMs.toFixed(1)} ms, at most 50 over the ${idleLoopMs.toFixed(1)} of an idle run`,
          holds: loopMs <= idleLoopMs + 50,
        },
        { message: `memory ${growth >= 0 ? '+' : ''}${growth.toFixed(1)} MB, at most +30`, holds: growth <= 30 },
        {
          message: `all confirmed at once again ${(wellAfterMs / 1000).toFixed(1)} s after it went on, and ${unfinished} unsettled 10 s after`,
          holds: wellAfterMs <= wellMs && unfinished === 0,
        },
      ],
    }
  },
}
