import { serviceNames, type ServiceName } from '../../harness/compose-stack'
import { pause } from '../../harness/eventually'
import type { ScaleStack } from '../../harness/scale-stack'
import type { Fault } from '../fault'
import { settled } from '../load/settled'
import { allAnswered, startShoppers } from '../load/shoppers'

const maxShareMs = 35_000
/** Of the requests of its service, a replica gets at least so much of an equal share. */
const minShare = 0.5
/** So many requests for each replica in the time that is looked at: among fewer, chance decides. */
const minRequests = 20
/** Holds are counted as they come: alone, or several in a request. */
const measured = {
  'order-service': [['POST', '/orders']],
  'user-service': [
    ['PUT', '/users/:id/holds/:orderId'],
    ['POST', '/holds'],
  ],
} as const

/** Replicas are added and removed while callers work who retry with their keys. */
export const scaleOut: Fault<ScaleStack> = {
  name: 'scale-out',
  run: async ({ stack, journal, random, over, short, tell }) => {
    const counts = short ? [1, 3, 1] : [1, 3, 5, 1]
    await scaleTo(stack, 1)
    let finished = false
    const { sales, done } = await startShoppers(
      { stack, journal, random, over },
      { shoppers: 40, thinkMs: 200, goOn: () => !finished },
    )
    const shareMs: number[] = []
    for (const count of counts) {
      await scaleTo(stack, count)
      const took = await Promise.all(serviceNames.map((service) => untilShared(stack, service)))
      shareMs.push(...took)
      tell(`${count} of each, shared after ${took.map(Math.round).join(' and ')} ms, ${sales.orders} orders`)
    }
    finished = true
    await done
    const { seconds, unfinished } = await settled(stack, 30_000)
    const slowestMs = Math.max(...shareMs)
    return {
      done: `${counts.join(' → ')} replicas of each service during ${sales.orders} orders, ${sales.cancels} cancels, ${sales.deposits} deposits`,
      figures: [
        `${sales.retries} retries`,
        `each replica had its share after ${(slowestMs / 1000).toFixed(1)} s at most`,
        `settled ${seconds.toFixed(1)} s after the last order`,
      ],
      checks: [
        allAnswered(sales),
        { message: `each replica has its share within ${maxShareMs / 1000} s`, holds: slowestMs <= maxShareMs },
        { message: `${unfinished} stuck after 30 s`, holds: unfinished === 0, noneOf: journal.orders },
      ],
    }
  },
}

async function scaleTo(stack: ScaleStack, count: number): Promise<void> {
  const scale = serviceNames.flatMap((service) => ['--scale', `${service}=${count}`])
  await stack.compose('up', '--wait', '--no-recreate', ...scale)
}

/** Answers after how long each replica of a service gets its share; gives up some time after it should. */
async function untilShared(stack: ScaleStack, service: ServiceName): Promise<number> {
  const requests = async () => {
    const counts = await Promise.all(
      measured[service].map(([method, route]) => stack.requestsOf(service, method, route)),
    )
    return counts[0]!.map((_, i) => counts.reduce((sum, count) => sum + count[i]!, 0))
  }
  const began = performance.now()
  for (;;) {
    const tookMs = performance.now() - began
    const before = await requests()
    await pause(3_000)
    const after = await requests()
    const got = after.map((count, i) => count - (before[i] ?? 0))
    const equalShare = got.reduce((sum, count) => sum + count, 0) / got.length
    const isShared = equalShare > minRequests && Math.min(...got) >= minShare * equalShare
    if (isShared || tookMs > maxShareMs + 10_000) return tookMs
  }
}
