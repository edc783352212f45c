import { pause } from '../harness/eventually'
import type { Fault } from './fault'
import { settled } from './load/settled'
import { allAnswered, startShoppers } from './load/shoppers'

/** user-service is repeatedly disconnected from the network and reconnected while orders are placed. */
export const partition: Fault = {
  name: 'partition',
  run: async ({ stack, journal, random, over, short, tell }) => {
    const maxCuts = short ? 5 : 30
    await stack.startStack()
    const container = await stack.containerOf('user-service')
    const network = `${stack.project}_tandem`
    let cuts = 0
    const { sales, done } = await startShoppers(
      { stack, journal, random, over },
      { shoppers: 20, thinkMs: 200, goOn: () => cuts < maxCuts },
    )
    while (cuts < maxCuts) {
      await pause(500 + random() * 1500)
      await stack.docker('network', 'disconnect', network, container)
      await pause(random() * 4000)
      await stack.docker('network', 'connect', '--alias', 'user-service', network, container)
      cuts += 1
      tell(`${cuts} cuts, ${sales.orders} orders, ${sales.retries} retries`)
    }
    await done
    const { seconds, unfinished } = await settled(stack, 30_000)
    return {
      done: `user-service cut off ${cuts} times for up to 4 s during ${sales.orders} orders, ${sales.cancels} cancels, ${sales.deposits} deposits`,
      figures: [`${sales.retries} retries`, `settled ${seconds.toFixed(1)} s after the last order`],
      checks: [
        { message: `${unfinished} stuck after 30 s`, holds: unfinished === 0, noneOf: journal.orders },
        allAnswered(sales),
      ],
    }
  },
}
