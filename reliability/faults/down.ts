import { pause } from '../harness/eventually'
import type { Fault } from './fault'
import { loopDelay } from './load/inside'
import { quantile } from './load/open-loop'
import { whenReady } from './load/ready'
import { settled } from './load/settled'
import { muchCredit, startSteadyOrders } from './load/steady-orders'

const perSecond = 50

/** user-service is stopped, and orders go on. */
export const down: Fault = {
  name: 'down',
  stack: { variables: muchCredit },
  run: async ({ stack, journal, over, short, tell }) => {
    const seconds = short ? 5 : 60
    await stack.startStack()
    const load = await startSteadyOrders({ stack, journal, over }, perSecond)
    await pause(3000)
    await stack.compose('stop', 'user-service')
    const stoppedMs = load.now()
    tell('user-service is stopped')
    const loopMs = await loopDelay(stack, 'order-service', () => pause(seconds * 1000))
    const startedMs = load.now()
    await stack.compose('start', 'user-service')
    await whenReady(stack, 'user-service')
    tell('user-service is back')
    const back = performance.now()
    await pause(2000)
    const calls = await load.stop()
    const { unfinished } = await settled(stack, 30_000 - (performance.now() - back))
    const settledSeconds = (performance.now() - back) / 1000

    const during = calls.filter(({ atMs }) => atMs > stoppedMs && atMs < startedMs)
    const around = calls.filter(({ atMs }) => atMs <= stoppedMs || atMs >= startedMs)
    const refused = around.filter(({ result }) => result !== 201 && result !== 202).length
    const accepted = during.filter(({ result }) => result === 202).length
    const later = during.filter(({ atMs }) => atMs > stoppedMs + 3000).map(({ tookMs, lateMs }) => tookMs - lateMs) // a late caller is no fault of the service
    const share = accepted / during.length
    const p99 = quantile(later, 0.99)
    return {
      done: `user-service stopped for ${seconds} s, ${perSecond} orders a second, ${during.length} of them then`,
      figures: [
        `p50 ${quantile(later, 0.5).toFixed(1)} ms, slowest ${Math.max(...during.map(({ tookMs }) => tookMs)).toFixed(0)} ms`,
        `event loop p99 ${loopMs.toFixed(0)} ms`,
        `callers late by ${Math.max(...during.map(({ lateMs }) => lateMs)).toFixed(0)} ms at most`,
      ],
      checks: [
        { message: `${(100 * share).toFixed(2)} % got a 202, at least 99.9 %`, holds: share >= 0.999 },
        { message: `${refused} not accepted before and after`, holds: refused === 0, noneOf: around.length },
        { message: `p99 ${p99.toFixed(0)} ms from 3 s after the stop, below 250 ms`, holds: p99 < 250 },
        {
          message: `all settled ${settledSeconds.toFixed(1)} s after it was back, within 30 s`,
          holds: unfinished === 0,
        },
      ],
    }
  },
}
