import { askPort } from '../harness/ask'
import { serviceNames, type ComposeStack, type ServiceName } from '../harness/compose-stack'
import { eventually } from '../harness/eventually'
import type { Fault, FaultContext } from './fault'
import { acknowledge, mustBe, orderRequest, signUp } from './load/callers'
import { Journal } from './load/journal'
import { whenReady } from './load/ready'

const withinMs = 10_000

/** Each of them starts first, with the other one not even created: on no data, and then on what there is. */
export const boot: Fault = {
  name: 'boot',
  run: async ({ stack, journal, short, tell }) => {
    const maxBoots = short ? 4 : 20
    const starts: { readyMs: number; healthyMs: number; alone: boolean }[] = []
    for (let boots = 0; boots < maxBoots; boots++) {
      const onNoData = boots < maxBoots / 2
      await stack.compose('down', ...(onNoData ? ['--volumes'] : []))
      const order = boots % 2 === 0 ? serviceNames : serviceNames.toReversed()
      for (const service of order) starts.push({ ...(await start(stack, service)), alone: service === order[0] })
      await placeOne({ stack, journal: onNoData ? new Journal() : journal })
      tell(`${boots + 1} times, ${order[0]} first`)
    }
    const slowest = Math.max(...starts.map(({ healthyMs }) => healthyMs))
    const late = starts.filter(({ healthyMs }) => healthyMs > withinMs)
    const lateAlone = late.filter(({ alone }) => alone).length
    return {
      done: `both started ${maxBoots} times, one after the other in either order, half on no data, and an order confirmed each time`,
      figures: [`ready after ${seconds(Math.max(...starts.map(({ readyMs }) => readyMs)))} at most`],
      checks: [
        {
          message: `${lateAlone} not healthy within 10 s with the other absent, the slowest of all ${seconds(slowest)}`,
          holds: lateAlone === 0,
          noneOf: maxBoots,
        },
        { message: `${late.length - lateAlone} of those started second neither`, holds: late.length === lateAlone },
      ],
    }
  },
}

/** Both times count from the command: until the service says that it is ready, and until the engine's health check has seen it. */
async function start(stack: ComposeStack, service: ServiceName): Promise<{ readyMs: number; healthyMs: number }> {
  const began = performance.now()
  await stack.compose('up', '--detach', '--no-deps', service)
  await whenReady(stack, service)
  const readyMs = performance.now() - began
  await eventually(30_000, `${service} is healthy`, async () => {
    const { Health } = (await stack.inspect(service)).State
    return Health.Status === 'healthy' || undefined
  })
  return { readyMs, healthyMs: performance.now() - began }
}

async function placeOne(world: Pick<FaultContext, 'stack' | 'journal'>): Promise<void> {
  const user = await signUp(world)
  const answer = await askPort(world.stack.ports['order-service'], orderRequest(user, 'after-the-start'))
  mustBe(answer, 201)
  acknowledge(world, user, answer, 'after-the-start')
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`
}
