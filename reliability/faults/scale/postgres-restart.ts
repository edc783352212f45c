import { serviceNames } from '../../harness/compose-stack'
import { eventually, pause } from '../../harness/eventually'
import type { ScaleStack } from '../../harness/scale-stack'
import type { Fault } from '../fault'
import { settled } from '../load/settled'
import { allAnswered, startShoppers } from '../load/shoppers'
import { untilAllReady } from './replicas'

const maxWellMs = 5_000

/** PostgreSQL is restarted and killed while callers work who retry with their keys. */
export const postgresRestart: Fault<ScaleStack> = {
  name: 'postgres-restart',
  run: async ({ stack, journal, random, over, short, tell }) => {
    const breaks = short
      ? ['restart', 'kill']
      : Array.from({ length: 25 }, (_, i) => (i % 5 === 4 ? 'kill' : 'restart'))
    await stack.startStack()
    const startsBefore = await startsOf(stack)
    let broken = 0
    const { sales, done } = await startShoppers(
      { stack, journal, random, over },
      { shoppers: 40, thinkMs: 200, goOn: () => broken < breaks.length },
    )
    const wellMs: number[] = []
    for (const how of breaks) {
      await pause(500 + random() * 1000) // the moment is the point
      wellMs.push(await breakPostgres(stack, how))
      broken += 1
      tell(
        `${broken} times, well after ${Math.round(wellMs.at(-1) ?? 0)} ms, ${sales.orders} orders, ${sales.retries} retries`,
      )
    }
    await done
    const { seconds, unfinished } = await settled(stack, 30_000)
    const ended = (await startsOf(stack)).filter((start) => !startsBefore.includes(start)).length
    const kills = breaks.filter((how) => how === 'kill').length
    const slowestMs = Math.max(...wellMs)
    return {
      done: `PostgreSQL restarted ${breaks.length - kills} times and killed ${kills} times during ${sales.orders} orders, ${sales.cancels} cancels, ${sales.deposits} deposits`,
      figures: [
        `${sales.retries} retries`,
        `all replicas well after ${(slowestMs / 1000).toFixed(1)} s at most`,
        `settled ${seconds.toFixed(1)} s after the last order`,
      ],
      checks: [
        allAnswered(sales),
        { message: `${ended} processes ended`, holds: ended === 0 },
        { message: `well again within ${maxWellMs / 1000} s`, holds: slowestMs <= maxWellMs, noneOf: wellMs.length },
        { message: `${unfinished} stuck after 30 s`, holds: unfinished === 0, noneOf: journal.orders },
      ],
    }
  },
}

/** Answers how long it took all replicas to be ready, from when PostgreSQL was. */
async function breakPostgres(stack: ScaleStack, how: string): Promise<number> {
  const [postgres = ''] = await stack.containersOf('postgres')
  if (how === 'kill') {
    await stack.docker('kill', '--signal', 'KILL', postgres)
    await stack.docker('start', postgres)
  } else {
    await stack.docker('restart', postgres)
  }
  await eventually(30_000, 'PostgreSQL is ready', () =>
    stack.docker('exec', postgres, 'pg_isready', '-q', '-h', '127.0.0.1').then(
      () => true as const,
      () => undefined,
    ),
  )
  return untilAllReady(stack)
}

/** When each replica was started. */
async function startsOf(stack: ScaleStack): Promise<string[]> {
  const replicas = await stack.inspectAll(...serviceNames)
  return replicas.map(({ Id, State }) => `${Id} ${State.StartedAt}`)
}
