/** Sends the services what nobody should, and holds each response against their own documents: `npm run fuzz`. */
import { readArguments, refuse } from '../../scripts/read-arguments.mjs'
import type { Guard } from '../harness/removed-guard'
import { leaveNothing, serviceNames } from '../harness/service-processes'
import { sizeFrom, sizesShown, startTandem, type Tandem } from '../harness/tandem'
import { fuzzService, type FuzzResult } from './fuzz-service'
import { guards } from './guards'
import { report, summarise } from './report'
import { World } from './world'

const usage = `Usage: npm run fuzz -- [--requests N] [--seed S] [--from N] [--size SIZE] [--without GUARD]

Makes requests from the services' OpenAPI documents, breaks most of them, and bends HTTP itself on bare sockets. Holds each
response against the document. Exit code 0: nothing was found, or each removed guard was noticed.

  --requests N     requests for each service; 5000 if not given
  --seed S         repeats the requests of an earlier run
  --from N         the number of the first request, to repeat a finding
  --service NAME   only this service
  --size SIZE      ${sizesShown}
  --without GUARD  takes a guard out of the services first, which must be noticed; all takes out each in turn

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
    size: { type: 'string', default: 'processes' },
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
  const size = sizeFrom('fuzz', values.size, values.without)
  leaveNothing()
  if (without !== undefined) return everyGuard(without, { requests, seed, from })
  const options = { requests, seed, from }
  const results = await run(options, () => startTandem(size))
  return report(results, seed)
}

async function everyGuard(without: string, options: Options): Promise<boolean> {
  const names = without === 'all' ? Object.keys(known) : [without]
  let noticed = 0
  for (const name of names) {
    const found = (await run(options, () => startTandem('processes', { without: known[name] }))).flatMap(
      ({ findings }) => findings.all,
    )
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

async function run(options: Options, start: () => Promise<Tandem>): Promise<FuzzResult[]> {
  const tandem = await start()
  const world = new World(tandem)
  const results: FuzzResult[] = []
  try {
    for (const service of serviceNames)
      if (values.service === undefined || values.service === service)
        results.push(await fuzzService(tandem, service, world, options))
  } finally {
    await tandem.stop()
  }
  return results
}

function integer(name: string, value: string, min: number): number {
  if (/^\d{1,9}$/.test(value) && Number(value) >= min) return Number(value)
  return refuse('fuzz', `--${name} must be an integer from ${min} to 999999999`)
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
