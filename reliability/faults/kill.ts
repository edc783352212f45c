import { serviceNames } from '../harness/compose-stack'
import { pause } from '../harness/eventually'
import type { RunningStack } from '../harness/running-stack'
import type { Fault, FaultContext, Outcome } from './fault'
import { settled } from './load/settled'
import { allAnswered, startShoppers, whenOrders } from './load/shoppers'

/** Either service is killed at random moments, and restarted at once. */
export const kill: Fault = {
  name: 'kill',
  run: async (context) => {
    const { stack, orders, short } = context
    await stack.startStack()
    const containers = await Promise.all(serviceNames.map((service) => stack.containerOf(service)))
    return killAtRandom(context, containers, { kills: short ? 15 : 100, orders: orders ?? (short ? 750 : 10_000) })
  },
}

/** Kills one of the containers at a time, so often during so many orders. */
export async function killAtRandom(
  { stack, journal, random, over, tell }: FaultContext<RunningStack>,
  containers: readonly string[],
  max: { kills: number; orders: number },
): Promise<Outcome> {
  let kills = 0
  const { sales, done } = await startShoppers(
    { stack, journal, random, over },
    { shoppers: 40, thinkMs: 200, goOn: () => kills < max.kills || sales.orders < max.orders },
  )
  while (kills < max.kills) {
    const atOnce = random() < 0.1 // when the one before is still starting
    const atOrder = atOnce ? 0 : ((kills + random()) / max.kills) * max.orders
    await whenOrders(sales, atOrder)
    await pause(random() * 500) // the moment is the point
    const victim = containers[Math.floor(random() * containers.length)] ?? ''
    await stack.docker('kill', '--signal', 'KILL', victim)
    await stack.docker('start', victim) // `docker kill` counts as a stop by hand: no restart policy starts it
    kills += 1
    if (kills % 10 === 0) tell(`${kills} kills, ${sales.orders} orders, ${sales.retries} retries`)
  }
  const during = sales.orders
  await done
  const { seconds, unfinished } = await settled(stack, 30_000)
  return {
    done: `${kills} SIGKILLs during ${during} orders, of ${sales.orders} with ${sales.cancels} cancels and ${sales.deposits} deposits`,
    figures: [`${sales.retries} retries`, `settled ${seconds.toFixed(1)} s after the last order`],
    checks: [
      { message: `${unfinished} stuck after 30 s`, holds: unfinished === 0, noneOf: journal.orders },
      allAnswered(sales),
    ],
  }
}
