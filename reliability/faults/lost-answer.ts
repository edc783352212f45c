import type { Fault } from './fault'
import { settled } from './load/settled'
import { allAnswered, startShoppers } from './load/shoppers'
import { proxyFigures, setProxy, withProxy } from './proxy/control'

const lost = 0.1 // of more, so many would time out at once that the circuit opens again and again

/** Responses of user-service are lost after it has acted. */
export const lostAnswer: Fault = {
  name: 'lost-answer',
  stack: withProxy,
  run: async ({ stack, journal, random, over, seed, orders = 2000, short, tell }) => {
    const maxOrders = short ? Math.min(orders, 500) : orders
    await stack.startStack()
    const { sales, done } = await startShoppers(
      { stack, journal, random, over },
      { shoppers: 20, thinkMs: 50, goOn: () => sales.orders < maxOrders },
    )
    await setProxy({ lost, seed })
    await done
    const { forwarded, lost: ways } = await proxyFigures()
    tell(`${sales.orders} orders are placed`)
    const { seconds, unfinished } = await settled(stack, 60_000) // while more are lost
    await setProxy({ lost: 0, seed })
    const sum = Object.values(ways).reduce((one, other) => one + other)
    const each = Object.entries(ways).map(([way, count]) => `${count} ${way}`)
    return {
      done: `${sum} of ${forwarded} responses of user-service lost (${each.join(', ')}) during ${sales.orders} orders, ${sales.cancels} cancels`,
      figures: [`settled ${seconds.toFixed(1)} s after the last order`],
      checks: [
        { message: `${unfinished} unsettled`, holds: unfinished === 0, noneOf: journal.orders },
        allAnswered(sales),
        { message: 'responses were lost', holds: sum > (lost / 2) * forwarded },
      ],
    }
  },
}
