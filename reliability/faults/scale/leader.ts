import { eventually, pause } from '../../harness/eventually'
import type { ServiceName } from '../../harness/compose-stack'
import type { ScaleStack } from '../../harness/scale-stack'
import type { Fault } from '../fault'
import { settled } from '../load/settled'
import { allAnswered, startShoppers } from '../load/shoppers'
import { secondsUntilFollowed } from './lag'
import { startRenamers } from './renamers'
import { untilAllReady, whenAllHealthy } from './replicas'

const maxTakeOverMs = 5_000
const leases: readonly [ServiceName, string][] = [
  ['order-service', 'follow user-service'],
  ['user-service', 'relay'],
  ['order-service', 'relay'],
]
type Way = 'kill' | 'pause' | 'cut'
const ways: readonly Way[] = ['kill', 'pause', 'cut']

interface Held {
  term: number
  /** The beginning of the id of its container. */
  holder: string
}

/**
 * The replica that holds a lease is killed, paused beyond the end of the lease, or cut off from PostgreSQL and RabbitMQ, while
 * callers order and change their names.
 */
export const leader: Fault<ScaleStack> = {
  name: 'leader',
  run: async ({ stack, journal, random, over, short, tell }) => {
    const rounds = short ? 3 : 20
    const pausedMs = short ? 6_000 : 30_000
    await stack.startStack()
    let finished = false
    const goOn = () => !finished
    const renamers = await startRenamers({ stack, journal, over }, { renamers: 10, thinkMs: 300, goOn })
    const { sales, done } = await startShoppers({ stack, journal, random, over }, { shoppers: 20, thinkMs: 300, goOn })
    const takeOverMs: number[] = []
    for (let round = 0; round < rounds; round++) {
      const [service, lease] = leases[round % leases.length] ?? ['order-service', 'relay']
      const way = ways[Math.floor(round / leases.length + round) % ways.length] ?? 'kill'
      const before = await heldBy(stack, service, lease)
      const began = performance.now()
      const mend = await strike(stack, before.holder, way)
      await eventually(30_000, `another replica takes ${lease} of ${service}`, async () =>
        (await heldBy(stack, service, lease)).term > before.term ? true : undefined,
      )
      takeOverMs.push(performance.now() - began)
      tell(`${way} of ${service}, ${lease}: taken over after ${((performance.now() - began) / 1000).toFixed(1)} s`)
      if (way !== 'kill') await pause(Math.max(0, pausedMs - (performance.now() - began)))
      await mend()
      await untilAllReady(stack)
    }
    await whenAllHealthy(stack)
    finished = true
    await Promise.all([done, renamers.done])
    const followed = await secondsUntilFollowed(stack, 30_000)
    const { seconds, unfinished } = await settled(stack, 30_000)
    const bad = await wronglyNumbered(stack)
    const [failure] = renamers.failures
    const slowestMs = Math.max(...takeOverMs)
    return {
      done: `the holder of a lease killed, paused for ${pausedMs / 1000} s or cut off ${rounds} times during ${sales.orders} orders and ${renamers.count()} changes of users`,
      figures: [
        `another one took over after ${(slowestMs / 1000).toFixed(1)} s at most`,
        `all followed ${followed.toFixed(1)} s after the last change, settled ${seconds.toFixed(1)} s later`,
        `${sales.retries} retries`,
      ],
      checks: [
        allAnswered(sales),
        { message: `another one takes over within ${maxTakeOverMs / 1000} s`, holds: slowestMs <= maxTakeOverMs },
        { message: `${bad} gaps or repeated numbers`, holds: bad === 0, noneOf: renamers.count() },
        { message: 'all events are followed within 30 s', holds: followed <= 30 },
        { message: `0 changes failed${failure === undefined ? '' : `: ${failure}`}`, holds: failure === undefined },
        { message: `${unfinished} stuck after 30 s`, holds: unfinished === 0, noneOf: journal.orders },
      ],
    }
  },
}

async function heldBy(stack: ScaleStack, service: ServiceName, lease: string): Promise<Held> {
  const sql = `SELECT term, holder FROM leases WHERE name = '${lease}'`
  return eventually(30_000, `somebody has the lease ${lease}`, async () => (await stack.rowsOf<Held>(service, sql))[0])
}

/** Returns what makes it well again. */
async function strike(stack: ScaleStack, holder: string, way: Way): Promise<() => Promise<unknown>> {
  const { docker, project } = stack
  if (way === 'kill') {
    await docker('kill', '--signal', 'KILL', holder)
    return () => docker('start', holder)
  }
  if (way === 'pause') {
    await docker('pause', holder)
    return () => docker('unpause', holder)
  }
  await docker('network', 'disconnect', `${project}_data`, holder)
  return () => docker('network', 'connect', `${project}_data`, holder)
}

/** How many numbers are missing or used twice, in both logs. */
async function wronglyNumbered(stack: ScaleStack): Promise<number> {
  const sql = `SELECT COALESCE(MAX(sequence), 0) - COUNT(DISTINCT sequence) + COUNT(sequence) - COUNT(DISTINCT sequence)
    AS wrong FROM events`
  let wrong = 0
  for (const service of ['user-service', 'order-service'] as const) {
    const [row] = await stack.rowsOf<{ wrong: number }>(service, sql)
    wrong += row?.wrong ?? Number.NaN
  }
  return wrong
}
