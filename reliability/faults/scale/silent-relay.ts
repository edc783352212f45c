import { pause } from '../../harness/eventually'
import type { ScaleStack } from '../../harness/scale-stack'
import type { Fault } from '../fault'
import { lagOf, secondsUntilFollowed } from './lag'
import { startRenamers } from './renamers'

const loudMs = 10_000
const usualSeconds = 1 // an event is without a number, or not followed, for less than that
const message = 'numbers are refused on purpose'
const refuse = `
  CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '${message}'; END $$;
  CREATE TRIGGER refuse BEFORE UPDATE OF sequence ON events FOR EACH ROW EXECUTE FUNCTION refuse();`
const mend = 'DROP TRIGGER refuse ON events; DROP FUNCTION refuse();'

/** No event of user-service gets its number any more, while users go on changing; then it is mended. */
export const silentRelay: Fault<ScaleStack> = {
  name: 'silent-relay',
  run: async ({ stack, journal, over, tell }) => {
    await stack.startStack()
    let finished = false
    const goOn = () => !finished
    const renamers = await startRenamers({ stack, journal, over }, { renamers: 10, thinkMs: 200, goOn })
    await pause(3_000)
    await inUsers(stack, refuse)
    const began = performance.now()
    const loud = { metric: Number.NaN, lag: Number.NaN, log: Number.NaN }
    while (Object.values(loud).some(Number.isNaN) && performance.now() - began < 3 * loudMs) {
      const seconds = () => (performance.now() - began) / 1000
      if (Number.isNaN(loud.lag) && ((await lagOf(stack))?.seconds ?? 0) > usualSeconds) loud.lag = seconds()
      const ages = await stack.metricOf('user-service', 'events_unnumbered_oldest_age_seconds ')
      if (Number.isNaN(loud.metric) && Math.min(...ages) > usualSeconds) loud.metric = seconds()
      if (Number.isNaN(loud.log) && (await stack.compose('logs', 'user-service')).includes(message))
        loud.log = seconds()
      await pause(200)
    }
    const silent = renamers.count()
    tell(`loud after ${JSON.stringify(loud)} s`)
    await pause(5_000)
    await inUsers(stack, mend)
    finished = true
    await renamers.done
    const followed = await secondsUntilFollowed(stack, 30_000)
    const [failure] = renamers.failures
    const slowest = Math.max(...Object.values(loud))
    return {
      done: `no event got a number for ${(loudMs / 1000 + 5).toFixed(0)} s, ${renamers.count()} changes of users of which ${renamers.count() - silent} meanwhile`,
      figures: [
        `in the metric after ${loud.metric.toFixed(1)} s, in the lag after ${loud.lag.toFixed(1)} s, in the log after ${loud.log.toFixed(1)} s`,
        `all followed ${followed.toFixed(1)} s after it was mended`,
      ],
      checks: [
        { message: `metric, lag and log are loud within ${loudMs / 1000} s`, holds: slowest <= loudMs / 1000 },
        { message: 'all events are followed within 30 s', holds: followed <= 30, noneOf: renamers.count() },
        { message: `0 changes failed${failure === undefined ? '' : `: ${failure}`}`, holds: failure === undefined },
      ],
    }
  },
}

async function inUsers(stack: ScaleStack, sql: string): Promise<void> {
  await stack.compose('exec', '-T', 'postgres', 'psql', '-qU', 'postgres', '-d', 'users', '-c', sql)
}
