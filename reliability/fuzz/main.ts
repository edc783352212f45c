/** Sends the services what nobody should, and holds each response against their own documents: `npm run fuzz`. */
import { readFileSync } from 'node:fs'
import { readArguments, refuse } from '../../scripts/read-arguments.mjs'
import type { Guard } from '../harness/removed-guard'
import { leaveNothing, serviceNames, startServices, type ServiceName } from '../harness/service-processes'
import { fuzzService, type FuzzResult, type Target } from './fuzz-service'
import { guards } from './guards'
import { report, summarise } from './report'
import { World } from './world'

const usage = `Usage: npm run fuzz -- [--requests N] [--seed S] [--from N] [--without GUARD] [--url URL... --admin-key-file FILE]

Makes requests from the services' OpenAPI documents, breaks most of them, and bends HTTP itself on bare sockets. Holds each
response against the document. Exit code 0: nothing was found, or each removed guard was noticed.

  --requests N           requests for each service; 5000 if not given
  --seed S               repeats the requests of an earlier run
  --from N               the number of the first request, to repeat a finding
  --service NAME         only this service
  --without GUARD        takes a guard out of the services first, which must be noticed; all takes out each in turn
  --url URL              the address of user-service, and once more for order-service, on this machine; by default it starts
                         both, on SQLite in a new folder
  --admin-key-file FILE  where the admin key of these is; they need RATE_LIMIT_PER_MINUTE=0

The guards: ${Object.keys(guards).join(', ')}.`

const { values } = readArguments({
  name: 'fuzz',
  usage,
  options: {
    requests: { type: 'string', default: '5000' },
    seed: { type: 'string' },
    from: { type: 'string', default: '0' },
    service: { type: 'string' },
    without: { type: 'string' },
    url: { type: 'string', multiple: true, default: [] },
    'admin-key-file': { type: 'string' },
  },
})
const known: Readonly<Record<string, Guard>> = guards

async function main(): Promise<boolean> {
  const requests = integer('requests', values.requests, 1)
  const from = integer('from', values.from, 0)
  const seed = values.seed === undefined ? Date.now() % 1_000_000 : integer('seed', values.seed, 0)
  const { without, service } = values
  if (service !== undefined && !serviceNames.some((name) => name === service))
    refuse('fuzz', `no such service: ${service}`)
  if (without !== undefined && without !== 'all' && !Object.hasOwn(known, without))
    refuse('fuzz', `unknown guard: ${without}; choose from ${Object.keys(guards).join(', ')}, all`)
  if (values.url.length !== 0 && (values.url.length !== 2 || values['admin-key-file'] === undefined))
    refuse('fuzz', '--url must be given twice, with --admin-key-file')
  const ports = values.url.map(portOf)
  leaveNothing()
  if (without !== undefined) return everyGuard(without, { requests, seed, from })
  const results = await run({ requests, seed, from }, undefined, ports)
  return report(results, seed)
}

async function everyGuard(without: string, options: Options): Promise<boolean> {
  const names = without === 'all' ? Object.keys(known) : [without]
  let noticed = 0
  for (const name of names) {
    const found = (await run(options, known[name], [])).flatMap(({ findings }) => findings.all)
    const [first] = found
    if (first) noticed += 1
    console.log(
      `without ${name}: ${first ? `noticed at request ${first.number}: ${first.kind}: ${first.fault}` : 'NOT noticed'}`,
    )
  }
  summarise('Guards', noticed, names.length)
  return noticed === names.length
}

interface Options {
  requests: number
  seed: number
  from: number
}

async function run(options: Options, without: Guard | undefined, ports: number[]): Promise<FuzzResult[]> {
  const started = ports.length === 0 ? await startServices({ without }) : undefined
  const targetOf = (service: ServiceName, port = 0): Target => {
    const process = started?.[service]
    return { service, port: process?.port ?? port, pid: process?.pid, hasEnded: () => process?.hasEnded() ?? false }
  }
  const targets = serviceNames.map((name, i) => targetOf(name, ports[i]))
  const [users, orders] = targets.map(({ port }) => port)
  const adminKey = started?.adminKey ?? readFileSync(values['admin-key-file'] ?? '', 'utf8').trim()
  const folder = started?.folder
  const world = new World({ users: users ?? 0, orders: orders ?? 0, adminKey, ...(folder !== undefined && { folder }) })
  const results: FuzzResult[] = []
  try {
    for (const target of targets)
      if (values.service === undefined || values.service === target.service)
        results.push(await fuzzService(target, world, options))
  } finally {
    await started?.stop()
  }
  return results
}

function integer(name: string, value: string, min: number): number {
  if (/^\d{1,9}$/.test(value) && Number(value) >= min) return Number(value)
  return refuse('fuzz', `--${name} must be an integer from ${min} to 999999999`)
}

function portOf(url: string): number {
  const [, port] = /^http:\/\/(?:127\.0\.0\.1|localhost):(\d+)\/?$/.exec(url) ?? []
  return port === undefined ? refuse('fuzz', `--url must be http://127.0.0.1:PORT, and not ${url}`) : Number(port)
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
