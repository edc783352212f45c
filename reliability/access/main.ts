/** Asks for every route of both documents with every kind of caller and token: what `npm run access-matrix` does. */
import { setTimeout as wait } from 'node:timers/promises'
import { newPrivateJwk, importSigningKey } from '../../chassis/src/auth/signing-key'
import { readArguments, refuse } from '../../scripts/read-arguments.mjs'
import { Operations } from '../harness/operations'
import type { Guard } from '../harness/removed-guard'
import {
  leaveNothing,
  serviceNames,
  startServices,
  type ServiceName,
  type Services,
} from '../harness/service-processes'
import { serviceToken, signingKeyOf } from '../harness/stored-keys'
import { badTokens } from './bad-tokens'
import { faultOfTable } from './expected'
import { foreignIds } from './foreign-ids'
import { guards } from './guards'
import { KeyRelay } from './key-relay'
import { cellsOf, type Cell } from './matrix'
import { report, summarise } from './report'
import { Shop } from './shop'
import { useAndWithdraw } from './withdrawn-key'
import { whoMay } from './who-may'

const usage = `Usage: npm run access-matrix -- [--without GUARD]

Starts both services and asks for every route of their OpenAPI documents with no token, every kind of broken token, as the
owner, another user, a service and an admin; then lets three users ask for what is each other's. Each response must be the
one of the table in reliability/access/who-may.ts, which must name every route. Exit code 0: all were.

  --without GUARD  takes a guard out of the services first, which must be noticed; all takes out each in turn

The guards: ${Object.keys(guards).join(', ')}.`

const { values } = readArguments({ name: 'access-matrix', usage, options: { without: { type: 'string' } } })
const endsWithinMs = 500
const known: Readonly<Record<string, Guard>> = guards

async function main(): Promise<boolean> {
  const { without } = values
  if (without !== undefined && without !== 'all' && !Object.hasOwn(known, without))
    refuse('access-matrix', `unknown guard: ${without}; choose from ${Object.keys(guards).join(', ')}, all`)
  leaveNothing()
  if (without === undefined) return report(await run(undefined))
  const names = without === 'all' ? Object.keys(known) : [without]
  let noticed = 0
  for (const name of names) {
    const bad = (await run(known[name])).filter(({ fault }) => fault !== undefined)
    const [first] = bad
    if (first) noticed += 1
    const what = first ? `${bad.length} cells, first ${first.route} for ${first.caller}: ${first.fault}` : 'NOT noticed'
    console.log(`without ${name}: ${what}`)
  }
  summarise('Guards', noticed, names.length)
  return noticed === names.length
}

async function run(without: Guard | undefined): Promise<Cell[]> {
  const relays = { 'user-service': new KeyRelay(), 'order-service': new KeyRelay() }
  const [keysOfOrders, users] = [await relays['user-service'].listen(), await relays['order-service'].listen()]
  const trusted = `order-service=http://127.0.0.1:${keysOfOrders}/.well-known/jwks.json`
  // A relay is named after the service that fetches keys from it.
  const services = await startServices({
    without,
    variables: {
      'user-service': { CHAOS: 'on', TRUSTED_SERVICES: trusted },
      'order-service': { CHAOS: 'on', USER_SERVICE_URL: `http://127.0.0.1:${users}` },
    },
    onPorts: (ports) => {
      relays['user-service'].target = ports['order-service']
      relays['order-service'].target = ports['user-service']
    },
  })
  try {
    const shop = new Shop(services)
    const admin = await shop.token(services.adminKey)
    const cells: Cell[] = []
    for (const service of serviceNames)
      if (!services['user-service'].hasEnded())
        cells.push(...(await cellsOfService(service, { services, shop, admin, relay: relays[service] })))
    return cells
  } finally {
    await services.stop()
    for (const relay of Object.values(relays)) relay.close()
  }
}

interface Given {
  services: Services
  shop: Shop
  admin: string
  relay: KeyRelay
}

async function cellsOfService(service: ServiceName, { services, shop, admin, relay }: Given): Promise<Cell[]> {
  const { port } = services[service]
  const operations = await Operations.of(port)
  const keys = {
    users: await signingKeyOf(services.folder, 'user-service'),
    orders: await signingKeyOf(services.folder, 'order-service'),
    unknown: await importSigningKey(await newPrivateJwk()),
    withdrawn: await importSigningKey(await newPrivateJwk()),
  }
  const broken = await badTokens(service, keys)
  await useAndWithdraw(service, port, relay, keys.withdrawn, broken)
  const given = { services, shop, service, admin, serviceToken: await serviceToken(keys.orders), broken }
  const named = (route: string) => `${service} ${route}`
  const cells: Cell[] = []
  for (const operation of operations.all) {
    const may = whoMay[service].get(operation.name)
    const fault = faultOfTable(operation, may)
    cells.push({ route: operation.name, caller: 'the table', fault, shown: '' })
    try {
      if (may) cells.push(...(await cellsOf(operation, may, given)))
    } catch (error) {
      await wait(endsWithinMs)
      if (!services[service].hasEnded()) throw error
      return [...cells, { route: operation.name, caller: 'somebody', fault: 'the process has ended', shown: '' }]
    }
  }
  cells.push(...(await foreignIds({ services, shop, service, admin, operations })))
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
