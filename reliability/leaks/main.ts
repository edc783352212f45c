/** Puts secrets through every path of both services, and looks for them where they should not be: `npm run leaks`. */
import { setTimeout as wait } from 'node:timers/promises'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { readArguments, refuse } from '../../scripts/read-arguments.mjs'
import type { Guard } from '../harness/removed-guard'
import { leaveNothing, serviceNames, startServices } from '../harness/service-processes'
import { findLeaks, type Leak } from './find-leaks'
import { guards } from './guards'
import { recordingRelay } from './recording-relay'
import { newCanaries, secretsOf } from './secrets'
import { readSinks } from './sinks'
import { tellEverything } from './story'

const logFlushMs = 1_000 // the log is written at least four times a second, and an eraser waits for a second

const usage = `Usage: npm run leaks -- [--without GUARD]

Starts both services with LOG_LEVEL=trace, puts names, addresses, keys and tokens through every path, wrong ones too, and
looks for them in logs, metrics, problems, traces, feeds, databases, argument lists and environments. What may be where,
and why, is in reliability/leaks/secrets.ts. Exit code 0: nothing is where it should not be.

  --without GUARD  takes a guard out of the services first, which must be noticed; all takes out each in turn

The guards: ${Object.keys(guards).join(', ')}.`

const { values } = readArguments({ name: 'leaks', usage, options: { without: { type: 'string' } } })
const known: Readonly<Record<string, Guard>> = guards

async function main(): Promise<boolean> {
  const { without } = values
  if (without !== undefined && without !== 'all' && !Object.hasOwn(known, without))
    refuse('leaks', `unknown guard: ${without}; choose from ${Object.keys(guards).join(', ')}, all`)
  leaveNothing()
  if (without === undefined) return report(await run(undefined))
  const names = without === 'all' ? Object.keys(known) : [without]
  let noticed = 0
  for (const name of names) {
    const bad = (await run(known[name])).filter(({ isLeak }) => isLeak)
    if (bad.length > 0) noticed += 1
    const [first] = bad
    console.log(
      `without ${name}: ${first ? `${bad.length} leaks, first ${first.secret} in ${first.sink}` : 'NOT noticed'}`,
    )
  }
  summarise('Guards', noticed, names.length)
  return noticed === names.length
}

async function run(without: Guard | undefined): Promise<Leak[]> {
  const relay = await recordingRelay()
  const chatty = { LOG_LEVEL: 'trace', CHAOS: 'on' }
  const services = await startServices({
    without,
    variables: {
      'user-service': chatty,
      'order-service': { ...chatty, USER_SERVICE_URL: `http://127.0.0.1:${relay.port}` },
    },
    onPorts: (ports) => relay.passTo(ports['user-service']),
  })
  try {
    const canaries = newCanaries()
    const { errors, user, adminToken } = await tellEverything(services, canaries)
    await wait(logFlushMs)
    const sinks = {
      ...(await readSinks(services, adminToken)),
      'error responses': errors,
      'trace headers': relay.traced(),
    }
    const signingKeys = serviceNames.map((name) => privatePart(join(services.folder, `${name}.db`)))
    const credentials = { ...user, adminKey: services.adminKey, adminToken, serviceToken: relay.token(), signingKeys }
    return findLeaks(secretsOf(canaries, credentials), sinks)
  } finally {
    await services.stop()
    relay.close()
  }
}

function privatePart(file: string): string {
  const database = new DatabaseSync(file, { readOnly: true })
  const row = database.prepare('SELECT private_jwk FROM signing_keys').get() as { private_jwk: string }
  database.close()
  return (JSON.parse(row.private_jwk) as { d: string }).d
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
