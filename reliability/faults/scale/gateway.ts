import { serviceNames } from '../../harness/compose-stack'
import { pause } from '../../harness/eventually'
import { metricsTricks } from '../../harness/metrics-tricks'
import { rawRequest } from '../../harness/raw-request'
import type { ScaleStack } from '../../harness/scale-stack'
import type { Fault } from '../fault'
import { settled } from '../load/settled'
import { allAnswered, startShoppers } from '../load/shoppers'

/** The gateway is reloaded, restarted and killed while callers work who retry, and others try to reach the metrics. */
export const gateway: Fault<ScaleStack> = {
  name: 'gateway',
  run: async ({ stack, journal, random, over, short, tell }) => {
    const rounds = short ? 2 : 20
    await stack.startStack()
    const [caddy = ''] = await stack.containersOf('gateway')
    let finished = false
    const { sales, done } = await startShoppers(
      { stack, journal, random, over },
      { shoppers: 40, thinkMs: 200, goOn: () => !finished },
    )
    let tried = 0
    const leaks: string[] = []
    for (let round = 1; round <= rounds; round++) {
      await pause(random() * 1_000) // the moment is the point
      await stack.docker('exec', caddy, 'caddy', 'reload', '--force', '--config', '/etc/caddy/Caddyfile')
      for (const target of serviceNames.flatMap(metricsTricks)) {
        const { status, body } = await rawRequest(stack.gatewayPort, `GET ${target}`)
        tried += 1
        if (status !== 404 || body.includes('process_cpu')) leaks.push(`${target}: ${status}`)
      }
      await stack.docker('restart', caddy)
      await pause(random() * 1_000)
      await stack.docker('kill', '--signal', 'KILL', caddy)
      await stack.docker('start', caddy)
      tell(`${round} rounds, ${sales.orders} orders, ${sales.retries} retries`)
    }
    finished = true
    await done
    const { seconds, unfinished } = await settled(stack, 30_000)
    const [leak] = leaks
    return {
      done: `the gateway reloaded, restarted and killed ${rounds} times each during ${sales.orders} orders, ${sales.cancels} cancels, ${sales.deposits} deposits`,
      figures: [`${sales.retries} retries`, `settled ${seconds.toFixed(1)} s after the last order`],
      checks: [
        allAnswered(sales),
        { message: `${unfinished} stuck after 30 s`, holds: unfinished === 0, noneOf: journal.orders },
        {
          message: `every path to the metrics is a 404${leak === undefined ? '' : `: ${leaks.length} are not, the first ${leak}`}`,
          holds: leak === undefined,
          noneOf: tried,
        },
      ],
    }
  },
}
