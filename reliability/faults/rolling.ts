import { serviceNames, type ComposeStack, type ServiceName } from '../harness/compose-stack'
import type { Fault } from './fault'
import { whenReady } from './load/ready'
import { allAnswered, startShoppers } from './load/shoppers'

/** Each service is stopped and started, as for a new version, while callers work who retry with their keys. */
export const rolling: Fault = {
  name: 'rolling',
  run: async ({ stack, journal, random, over, short, tell }) => {
    const restarts = short ? 3 : 20
    await stack.startStack()
    let rounds = 0
    const { sales, done } = await startShoppers(
      { stack, journal, random, over },
      { shoppers: 50, thinkMs: 200, goOn: () => rounds < restarts },
    )
    const exitCodes: number[] = []
    const tookMs: number[] = []
    while (rounds < restarts) {
      for (const service of serviceNames) {
        const began = performance.now()
        exitCodes.push(await restart(stack, service))
        tookMs.push(performance.now() - began)
      }
      rounds += 1
      tell(`${rounds} rounds, ${sales.orders} orders, ${sales.retries} retries`)
    }
    await done
    const bad = exitCodes.filter((code) => code !== 0)
    return {
      done: `each service restarted ${restarts} times under 50 callers: ${sales.orders} orders, ${sales.cancels} cancels, ${sales.deposits} deposits`,
      figures: [`${sales.retries} retries`, `${(Math.max(...tookMs) / 1000).toFixed(1)} s until ready again at most`],
      checks: [
        allAnswered(sales),
        {
          message: `${bad.length} stops with another exit code than 0`,
          holds: bad.length === 0,
          noneOf: exitCodes.length,
        },
      ],
    }
  },
}

/** Answers the exit code. */
async function restart(stack: ComposeStack, service: ServiceName): Promise<number> {
  await stack.compose('stop', service)
  const { ExitCode } = (await stack.inspect(service)).State
  await stack.compose('start', service)
  await whenReady(stack, service)
  return ExitCode
}
