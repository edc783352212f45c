/** Asks for every route of both documents with every kind of caller and token: what `npm run access-matrix` does. */
import { setTimeout as wait } from 'node:timers/promises'
import { newPrivateJwk, importSigningKey } from '../../chassis/src/auth/signing-key'
import { readArguments, refuse } from '../../scripts/read-arguments.mjs'
import { Operations } from '../harness/operations'
import type { Guard } from '../harness/removed-guard'
import { leaveNothing, serviceNames, type ServiceName } from '../harness/service-processes'
import { serviceToken, signingKeyOf } from '../harness/stored-keys'
import { sizeFrom, sizesShown, startTandem, type Tandem } from '../harness/tandem'
import { badTokens } from './bad-tokens'
import { faultOfTable } from './expected'
import { foreignIds } from './foreign-ids'
import { guards } from './guards'
import { cellsOf, type Cell } from './matrix'
import { report, summarise } from './report'
import { Shop } from './shop'
import { reportTimings, timings } from './timing'
import { useAndWithdraw } from './withdrawn-key'
import { whoMay } from './who-may'

const usage = `Usage: npm run access-matrix -- [--size SIZE] [--timing] [--without GUARD]

Starts both services and asks for every route of their OpenAPI documents with no token, every kind of broken token, as the
owner, another user, a service and an admin; then lets three users ask for what is each other's. Each response must be the
one of the table in reliability/access/who-may.ts, which must name every route. Exit code 0: all were.

  --size SIZE      ${sizesShown}
  --timing         measures instead how long a foreign and an unknown id take, which must be alike (1 min)
  --without GUARD  takes a guard out of the services first, which must be noticed; all takes out each in turn

The guards: ${Object.keys(guards).join(', ')}.`

const { values } = readArguments({
  name: 'access-matrix',
  usage,
  options: {
    size: { type: 'string', default: 'processes' },
    timing: { type: 'boolean', default: false },
    without: { type: 'string' },
  },
})
const endsWithinMs = 500
const chaos = { variables: { 'user-service': { CHAOS: 'on' }, 'order-service': { CHAOS: 'on' } } }
/** The gateway hides it. */
const notBehindGateway = 'get /metrics'
const known: Readonly<Record<string, Guard>> = guards

async function main(): Promise<boolean> {
  const { without } = values
  if (without !== undefined && without !== 'all' && !Object.hasOwn(known, without))
    refuse('access-matrix', `unknown guard: ${without}; choose from ${Object.keys(guards).join(', ')}, all`)
  const size = sizeFrom('access-matrix', values.size, values.without)
  leaveNothing()
  if (values.timing) return measure(() => startTandem(size))
  if (without === undefined) return report(await run(() => startTandem(size, chaos)))
  const names = without === 'all' ? Object.keys(known) : [without]
  let noticed = 0
  for (const name of names) {
    const bad = (await run(() => startTandem('processes', { ...chaos, without: known[name] }))).filter(
      ({ fault }) => fault !== undefined,
    )
    const [first] = bad
    if (first) noticed += 1
    const what = first ? `${bad.length} cells, first ${first.route} for ${first.caller}: ${first.fault}` : 'NOT noticed'
    console.log(`without ${name}: ${what}`)
  }
  summarise('Guards', noticed, names.length)
  return noticed === names.length
}

async function run(start: () => Promise<Tandem>): Promise<Cell[]> {
  const tandem = await start()
  try {
    const shop = new Shop(tandem)
    const admin = await shop.token(tandem.adminKey)
    const cells: Cell[] = []
    for (const service of serviceNames)
      if ((await tandem.ended()) === 0) cells.push(...(await cellsOfService(service, { tandem, shop, admin })))
    return cells
  } finally {
    await tandem.stop()
  }
}

async function measure(start: () => Promise<Tandem>): Promise<boolean> {
  const tandem = await start()
  try {
    const shop = new Shop(tandem)
    const found = []
    for (const service of serviceNames)
      found.push(...(await timings({ tandem, shop, service, operations: await Operations.of(tandem.at[service]) })))
    return reportTimings(found)
  } finally {
    await tandem.stop()
  }
}

interface Given {
  tandem: Tandem
  shop: Shop
  admin: string
}

async function cellsOfService(service: ServiceName, { tandem, shop, admin }: Given): Promise<Cell[]> {
  const operations = await Operations.of(tandem.at[service])
  const jwk = await newPrivateJwk()
  const keys = {
    users: await signingKeyOf(tandem, 'user-service'),
    orders: await signingKeyOf(tandem, 'order-service'),
    unknown: await importSigningKey(await newPrivateJwk()),
    withdrawn: await importSigningKey(jwk),
  }
  const broken = await badTokens(service, keys)
  await useAndWithdraw({ tandem, service, jwk, broken })
  const given = { tandem, shop, service, admin, serviceToken: await serviceToken(keys.orders), broken }
  const named = (route: string) => `${service} ${route}`
  const cells: Cell[] = []
  for (const operation of operations.all) {
    if (tandem.size !== 'processes' && operation.name === notBehindGateway) continue
    const may = whoMay[service].get(operation.name)
    const fault = faultOfTable(operation, may)
    cells.push({ route: operation.name, caller: 'the table', fault, shown: '' })
    try {
      if (may) cells.push(...(await cellsOf(operation, may, given)))
    } catch (error) {
      await wait(endsWithinMs)
      if ((await tandem.ended()) === 0) throw error
      return [...cells, { route: operation.name, caller: 'somebody', fault: 'the process has ended', shown: '' }]
    }
  }
  cells.push(...(await foreignIds({ tandem, shop, service, admin, operations })))
  return cells.map((cell) => ({ ...cell, route: named(cell.route) }))
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
