/** Puts secrets through every path of both services, and looks for them where they should not be: `npm run leaks`. */
import { setTimeout as wait } from 'node:timers/promises'
import { readArguments, refuse } from '../../scripts/read-arguments.mjs'
import type { Guard } from '../harness/removed-guard'
import { leaveNothing, serviceNames } from '../harness/service-processes'
import { privateJwkOf } from '../harness/stored-keys'
import { sizeFrom, sizesShown, startContainers, startProcesses, type SizeName, type Tandem } from '../harness/tandem'
import { bindQueue, passwordsOf, sinksOfContainers } from './container-sinks'
import { findLeaks, type Leak } from './find-leaks'
import { guards } from './guards'
import { recordingRelay } from './recording-relay'
import { newCanaries, secretsOf } from './secrets'
import { sinksOfAnySize, sinksOfProcesses } from './sinks'
import { tellEverything } from './story'

const logFlushMs = 1_000 // the log is written at least four times a second, and an eraser waits for a second

const usage = `Usage: npm run leaks -- [--size SIZE] [--without GUARD]

Starts both services with LOG_LEVEL=trace, puts names, addresses, keys and tokens through every path, wrong ones too, and
looks for them in logs, metrics, problems, traces, feeds, databases, argument lists and environments; of containers also in their images, settings and messages. What may be where,
and why, is in reliability/leaks/secrets.ts. Exit code 0: nothing is where it should not be.

  --size SIZE      ${sizesShown}
  --without GUARD  takes a guard out of the services first, which must be noticed; all takes out each in turn

The guards: ${Object.keys(guards).join(', ')}.`

const { values } = readArguments({
  name: 'leaks',
  usage,
  options: { size: { type: 'string', default: 'processes' }, without: { type: 'string' } },
})
const chatty = { LOG_LEVEL: 'trace', CHAOS: 'on' }
const known: Readonly<Record<string, Guard>> = guards

async function main(): Promise<boolean> {
  const { without } = values
  if (without !== undefined && without !== 'all' && !Object.hasOwn(known, without))
    refuse('leaks', `unknown guard: ${without}; choose from ${Object.keys(guards).join(', ')}, all`)
  const size = sizeFrom('leaks', values.size, values.without)
  leaveNothing()
  if (without === undefined) return report(await run(size))
  const names = without === 'all' ? Object.keys(known) : [without]
  let noticed = 0
  for (const name of names) {
    const bad = (await run('processes', known[name])).filter(({ isLeak }) => isLeak)
    if (bad.length > 0) noticed += 1
    const [first] = bad
    console.log(
      `without ${name}: ${first ? `${bad.length} leaks, first ${first.secret} in ${first.sink}` : 'NOT noticed'}`,
    )
  }
  summarise('Guards', noticed, names.length)
  return noticed === names.length
}

async function run(size: SizeName, without?: Guard): Promise<Leak[]> {
  const relay = await recordingRelay()
  const tandem = await (size === 'processes' ? startBehind(relay, without) : startContainers(size, chatty))
  const { services, stack } = tandem
  try {
    const canaries = newCanaries()
    const hasBroker = stack !== undefined && size === 'scale'
    const messages = hasBroker ? await bindQueue(stack) : undefined
    const passwords = hasBroker ? await passwordsOf(stack) : {}
    const { errors, user, adminToken } = await tellEverything(tandem, canaries)
    await wait(logFlushMs)
    // SQLite's write-ahead log has older pages until it begins anew.
    if (size !== 'scale') for (const name of serviceNames) await tandem.change(name, 'PRAGMA wal_checkpoint(TRUNCATE)')
    const sinks = {
      ...(await sinksOfAnySize(tandem, adminToken)),
      ...(services && (await sinksOfProcesses(services))),
      ...(stack && (await sinksOfContainers(stack, size))),
      'error responses': errors,
      ...(services && { 'trace headers': relay.traced() }),
      ...(messages && { 'messages on RabbitMQ': await messages() }),
    }
    const signingKeys = await Promise.all(serviceNames.map(async (name) => (await privateJwkOf(tandem, name)).d ?? ''))
    const serviceToken = services ? relay.token() : undefined
    const credentials = { ...user, adminKey: tandem.adminKey, adminToken, serviceToken, signingKeys, passwords }
    return findLeaks(secretsOf(canaries, credentials), sinks)
  } finally {
    await tandem.stop()
    relay.close()
  }
}

/** With order-service behind what records its requests. */
function startBehind(relay: Awaited<ReturnType<typeof recordingRelay>>, without?: Guard): Promise<Tandem> {
  return startProcesses({
    ...(without && { without }),
    variables: {
      'user-service': chatty,
      'order-service': { ...chatty, USER_SERVICE_URL: `http://127.0.0.1:${relay.port}` },
    },
    onPorts: (ports) => {
      relay.passTo(ports['user-service'])
    },
  })
}

function report(found: readonly Leak[]): boolean {
  const sinks = Object.entries(Object.groupBy(found, ({ sink }) => sink))
  console.log('| where | size | looked for | found, and allowed |\n| --- | --- | --- | --- |')
  for (const [sink, of = []] of sinks) {
    const allowed = of.filter(({ reason, isFound }) => isFound && reason !== undefined)
    const why = allowed.map(({ secret, reason }) => `${secret}: ${reason}`).join('; ')
    console.log(`| ${sink} | ${of[0]?.size} | ${of.length} | ${why} |`)
  }
  const bad = found.filter(({ isLeak }) => isLeak)
  for (const { secret, sink, around } of bad) console.log(`\nFINDING: ${secret} in ${sink}: …${around}…`)
  console.log('')
  summarise('Leaks', found.length - bad.length, found.length)
  return bad.length === 0
}

function summarise(what: string, passed: number, total: number): void {
  console.log(`${what}: ${passed} passed, ${total - passed} failed, ${total} total`)
}

process.exitCode = 2
main().then(
  (passed) => {
    process.exitCode = passed ? 0 : 1
  },
  (error: unknown) => {
    console.error(error)
  },
)
