import { pause } from '../../e2e/support/eventually'
import { serviceNames } from '../../e2e/support/compose-stack'
import type { Fault } from './fault'
import { settled } from './load/settled'
import { startShoppers } from './load/shoppers'

/** Either service is killed at any moment of the work, and started again at once. */
export const kill: Fault = {
  name: 'kill',
  run: async ({ stack, journal, random, orders, short, tell }) => {
    const most = { kills: short ? 20 : 100, orders: orders ?? (short ? 1000 : 10_000) }
    await stack.startStack()
    const containers = await Promise.all(serviceNames.map((service) => stack.containerOf(service)))
    let kills = 0
    let ordersAtLastKill = 0
    let over = false
    const { sales, done } = await startShoppers(
      { stack, journal, random },
      { shoppers: 20, thinkMs: 150, goOn: () => !over && (kills < most.kills || sales.orders < most.orders) },
    )
    try {
      while (kills < most.kills) {
        await pause(random() * 1500) // the moment is the point
        const victim = containers[Math.floor(random() * 2)] ?? ''
        await stack.docker('kill', '--signal', 'KILL', victim)
        await stack.docker('start', victim) // `docker kill` counts as a stop by hand: no restart policy starts it
        kills += 1
        ordersAtLastKill = sales.orders
        if (kills % 10 === 0) tell(`${kills} kills, ${sales.orders} orders, ${sales.retries} retries`)
      }
    } finally {
      over = kills < most.kills
    }
    await done
    const { seconds, unfinished } = await settled(stack, 30_000)
    return {
      done: `${kills} SIGKILLs during ${ordersAtLastKill} of ${sales.orders} orders, ${sales.cancels} cancels and ${sales.deposits} deposits`,
      figures: [`${sales.retries} retries`, `settled ${seconds.toFixed(1)} s after the last order`],
      checks: [{ says: `${unfinished} stuck after 30 s`, holds: unfinished === 0, noneOf: journal.orders }],
    }
  },
}
