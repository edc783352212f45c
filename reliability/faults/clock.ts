import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { serviceNames, type ComposeStack, type ServiceName } from '../harness/compose-stack'
import { eventually, pause } from '../harness/eventually'
import type { Fault } from './fault'
import { settled } from './load/settled'
import { muchCredit, startSteadyOrders, type OrderCall } from './load/steady-orders'

const perSecond = 20
/** As the contract has it: clocks may differ by 60 s. */
const toleratedSeconds = 55
const hour = 3600
/**
 * In which each token of user-service, which lives for 15 minutes, has expired, but not for longer than is tolerated. Orders
 * stay pending meanwhile: order-service's own tokens come from the future.
 */
const tokensJustExpired = 'order-service 15 min 40 s ahead'
const justExpiredSeconds = 15 * 60 + 40
/** In which a token of user-service, which lives for 15 minutes, is never valid. */
const tokensExpired = 'order-service an hour ahead'
/** In which order-service refuses the tokens of user-service, as they were not made yet. */
const tokensOfTheFuture = 'user-service an hour ahead'

/** The clocks of the two differ: a little, which nobody notices, and by an hour, ahead and back again. */
export const clock: Fault = {
  name: 'clock',
  stack: { files: ['reliability/faults/clock.compose.yml'], variables: muchCredit },
  run: async ({ stack, journal, over, short, tell }) => {
    const millis = short ? 3_000 : 15_000
    await installFaketime(stack)
    await stack.startStack()
    const load = await startSteadyOrders({ stack, journal, over }, perSecond)
    const phases: { name: string; fromMs: number }[] = []
    const phase = async (name: string, offsets: Partial<Record<ServiceName, number>>) => {
      for (const service of serviceNames) {
        const seconds = offsets[service]
        if (seconds !== undefined) await setClock(stack, service, seconds)
      }
      await load.renewTokens()
      phases.push({ name, fromMs: load.now() })
      tell(name)
      await pause(millis)
    }
    for (const service of serviceNames) {
      await phase(`${service} ${toleratedSeconds} s ahead`, { [service]: toleratedSeconds })
      await phase(`${service} ${toleratedSeconds} s behind`, { [service]: -toleratedSeconds })
      await setClock(stack, service, 0)
    }
    await phase(tokensJustExpired, { 'order-service': justExpiredSeconds })
    await setClock(stack, 'order-service', 0)
    await phase(tokensOfTheFuture, { 'user-service': hour })
    await phase('both an hour ahead', { 'order-service': hour })
    await phase(tokensExpired, { 'user-service': 0 })
    await phase('both right again', { 'order-service': 0 })
    const { seconds, unfinished } = await settled(stack, 30_000)
    const calls = await load.stop()
    const late = await stack.rowsOf<{ count: number }>(
      'order-service',
      "SELECT COUNT(*) AS count FROM orders WHERE reason = 'timed-out'",
    )

    const byPhase = phases.map(({ name, fromMs }) => {
      const some = calls.filter(({ atMs }) => atMs >= fromMs && atMs < fromMs + millis)
      return { name, some, text: `${name}: ${statuses(some)}` }
    })
    const tolerated = byPhase.filter(({ name }) => name.includes(`${toleratedSeconds} s`)).flatMap(({ some }) => some)
    const unlike201 = tolerated.filter(({ result }) => result !== 201).length
    const isServed = ({ name }: (typeof byPhase)[number]) => name !== tokensExpired && name !== tokensOfTheFuture
    const served = byPhase.filter(isServed)
    const never = served.filter(({ some }) => !some.some(({ result }) => isAccepted(result)))
    const turnedAway = served.flatMap(({ some }) => some).filter(({ result }) => result === 401)
    const refused = byPhase.filter((phase) => !isServed(phase)).flatMap(({ some }) => some)
    const unlike401 = refused.filter(({ result }) => result !== 401)
    const wrong = calls.filter(({ result }) => ![200, 201, 202, 401].includes(result ?? 0)).length
    const last = calls.slice(-perSecond)
    return {
      done: `each clock ${toleratedSeconds} s ahead and behind, order-service's 15 min 40 s ahead, then each an hour ahead and back, ${perSecond} orders a second`,
      figures: [...byPhase.map(({ text }) => text), `${late[0]?.count} of those pending cancelled as timed out`],
      checks: [
        {
          message: `${unlike201} not confirmed at once with clocks ${toleratedSeconds} s apart (60 s are tolerated)`,
          holds: unlike201 === 0,
          noneOf: tolerated.length,
        },
        {
          message: `${wrong} responses other than 200, 201, 202 and 401`,
          holds: wrong === 0,
          noneOf: calls.length,
        },
        {
          message: `orders accepted in each other phase${never.map(({ name }) => `, not in: ${name}`).join('')}`,
          holds: never.length === 0,
        },
        {
          message: `401 only for tokens that expired, or begin, more than 60 s away: ${turnedAway.length} for others, ${unlike401.length} other responses for those`,
          holds: turnedAway.length === 0 && unlike401.length === 0,
        },
        { message: `${unfinished} unsettled ${seconds.toFixed(0)} s after`, holds: unfinished === 0 },
        { message: 'all confirmed at once again', holds: last.every(({ result }) => result === 201) },
      ],
    }
  },
}

/** Into the volume that both have, before they are started. */
async function installFaketime({ compose }: ComposeStack): Promise<void> {
  const folders = readdirSync('/usr/lib').map((name) => join('/usr/lib', name, 'faketime'))
  const library = folders.map((folder) => join(folder, 'libfaketime.so.1')).find((file) => existsSync(file))
  if (library === undefined) throw new Error('this needs libfaketime')
  await compose('up', '--no-start')
  await compose('cp', library, 'user-service:/clock/libfaketime.so.1')
}

async function setClock({ compose, ports }: ComposeStack, service: ServiceName, seconds: number): Promise<void> {
  const offset = `${seconds < 0 ? '-' : '+'}${Math.abs(seconds)}`
  const write = 'require("node:fs").writeFileSync(process.argv[1], process.argv[2])'
  await compose('exec', '-T', '--user', '0:0', service, 'node', '-e', write, `/clock/${service}`, offset)
  await eventually(10_000, `${service} has its clock set`, async () => {
    const { headers } = await fetch(`http://127.0.0.1:${ports[service]}/health/live`)
    const off = (Date.parse(headers.get('date') ?? '') - Date.now()) / 1000
    return Math.abs(off - seconds) < 5 || undefined
  })
}

function isAccepted(status: number | undefined): boolean {
  return status === 200 || status === 201 || status === 202
}

function statuses(calls: readonly OrderCall[]): string {
  return Object.entries(Object.groupBy(calls, ({ result }) => result ?? 0))
    .map(([status, { length } = []]) => `${length} × ${status}`)
    .join(', ')
}
