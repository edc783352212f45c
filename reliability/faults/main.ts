/**
 * Breaks the running services and says what came of it: what `npm run faults` does. Progress goes to stderr, the table to
 * stdout. Whatever it starts or makes is gone when it ends, however it ends.
 */
import { spawnSync } from 'node:child_process'
import { availableParallelism, loadavg } from 'node:os'
import { readArguments, refuse } from '../../scripts/read-arguments.mjs'
import type { ComposeStack } from '../harness/compose-stack'
import type { RunningStack } from '../harness/running-stack'
import type { ScaleStack } from '../harness/scale-stack'
import { removeFolders } from './folders'
import { runFault, type Verdict } from './run-fault'
import { scaleSize } from './scale/scale-size'
import type { Size } from './size'
import { smallSize } from './small-size'
import { buildImages, removeAtOnce } from './stack'
import { table } from './table'

const nameOf = ({ name }: { name: string }) => name

const usage = `Usage: npm run faults -- [FAULT...] [--scale] [--seed N] [--orders N] [--short]

Breaks the services, in its own containers, and prints a table of the results. Needs Docker; the exit code is 0 only
if all passed.

  FAULT       the faults to run; by default all
  --seed N    repeat the random choices of an earlier run
  --orders N  the number of orders, for the faults that place a fixed number
  --scale     the faults of docker-compose.scale.yml
  --short     a short version of each; by default only ${smallSize.shortFaults.join(', ')},
              with --scale ${scaleSize.shortFaults.join(', ')}

The faults: ${smallSize.faults.map(nameOf).join(', ')}.
With --scale: ${scaleSize.faults.map(nameOf).join(', ')}.`

async function main(): Promise<void> {
  const { values, positionals } = readArguments({
    name: 'faults',
    usage,
    allowPositionals: true,
    options: {
      scale: { type: 'boolean', default: false },
      seed: { type: 'string' },
      orders: { type: 'string' },
      short: { type: 'boolean', default: false },
    },
  })
  const seed = values.seed === undefined ? Date.now() % 1_000_000 : integer('seed', values.seed)
  const orders = values.orders === undefined ? undefined : integer('orders', values.orders)
  const options = { seed, orders, short: values.short }
  const run = values.scale
    ? chosenFaults(scaleSize, positionals, options)
    : chosenFaults(smallSize, positionals, options)

  for (const args of [['info'], ['compose', 'version']]) {
    if (spawnSync('docker', args).status === 0) continue
    console.error(`faults: needs a running Docker engine with Compose v2; \`docker ${args.join(' ')}\` failed`)
    return
  }

  const began = performance.now()
  const verdicts = await run()

  const [load = 0] = loadavg()
  const seconds = Math.round((performance.now() - began) / 1000)
  const machine = `${availableParallelism()} cores, load ${load.toFixed(1)} at the end`
  console.log(`\n\`npm run faults\` with seed ${seed} in ${seconds} s (${machine}):\n\n${table(verdicts)}\n`)
  const failed = verdicts.filter(({ passed }) => !passed).length
  const sums = [failed > 0 && `${failed} failed`, `${verdicts.length - failed} passed`, `${verdicts.length} total`]
  console.log(`Faults: ${sums.filter(Boolean).join(', ')}`)
  if (failed === 0) process.exitCode = 0
}

/** Returns what runs the faults of these names, by default all of the size. */
function chosenFaults<Stack extends ComposeStack | ScaleStack>(
  { faults, shortFaults, stackOf }: Size<Stack>,
  given: readonly string[],
  options: { seed: number; orders: number | undefined; short: boolean },
): () => Promise<Verdict[]> {
  const names = given.length === 0 && options.short ? shortFaults : given
  const unknown = names.filter((name) => !faults.some((fault) => fault.name === name))
  if (unknown.length > 0) {
    refuse('faults', `unknown fault: ${unknown.join(', ')}; choose from ${faults.map(nameOf).join(', ')}`)
  }
  return async () => {
    leaveNothing(stackOf())
    await buildImages(stackOf())
    const verdicts: Verdict[] = []
    for (const fault of faults) {
      if (names.length > 0 && !names.includes(fault.name)) continue
      verdicts.push(await runFault(fault, stackOf(fault), options))
    }
    return verdicts
  }
}

function integer(name: string, value: string): number {
  if (/^\d{1,9}$/.test(value)) return Number(value)
  return refuse('faults', `--${name} must be an integer from 0 to 999999999`)
}

function leaveNothing(stack: RunningStack): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1))
  process.on('exit', () => {
    removeFolders()
    removeAtOnce(stack)
  })
}

process.exitCode = 1 // also where nothing is left to wait for, and it was not yet at its end
main().catch((error: unknown) => {
  console.error(error)
})
