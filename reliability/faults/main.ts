/**
 * Breaks the running services and says what came of it: what `npm run faults` does. Progress goes to stderr, the table to
 * stdout. Whatever it starts or makes is gone when it ends, however it ends.
 */
import { spawnSync } from 'node:child_process'
import { availableParallelism, loadavg } from 'node:os'
import { readArguments, refuse } from '../../scripts/read-arguments.mjs'
import { boot } from './boot'
import { clock } from './clock'
import { diskFull } from './disk-full'
import { down } from './down'
import type { Fault } from './fault'
import { removeFolders } from './folders'
import { fsync } from './fsync'
import { greedy } from './greedy'
import { hang } from './hang'
import { kill } from './kill'
import { lostAnswer } from './lost-answer'
import { memory } from './memory'
import { overload } from './overload'
import { partition } from './partition'
import { restore } from './restore'
import { rolling } from './rolling'
import { runFault, type Verdict } from './run-fault'
import { slowLoris } from './slow-loris'
import { buildImages, removeAtOnce } from './stack'
import { storm } from './storm'
import { table } from './table'

const faults: readonly Fault[] = [
  kill,
  lostAnswer,
  down,
  hang,
  partition,
  rolling,
  boot,
  restore,
  storm,
  fsync,
  diskFull,
  slowLoris,
  memory,
  overload,
  clock,
  greedy,
]
const shortFaults = ['kill', 'lost-answer', 'down', 'rolling', 'greedy']

const usage = `Usage: npm run faults -- [FAULT...] [--seed N] [--orders N] [--short]

Breaks the services, in its own containers, and prints a table of the results. Needs Docker; the exit code is 0 only
if all passed.

  FAULT       the faults to run; by default all
  --seed N    repeat the random choices of an earlier run
  --orders N  the number of orders, for the faults that place a fixed number
  --short     a short version of each; by default only ${shortFaults.join(', ')}

The faults: ${faults.map(({ name }) => name).join(', ')}.`

async function main(): Promise<void> {
  const { values, positionals } = readArguments({
    name: 'faults',
    usage,
    allowPositionals: true,
    options: { seed: { type: 'string' }, orders: { type: 'string' }, short: { type: 'boolean', default: false } },
  })
  const seed = values.seed === undefined ? Date.now() % 1_000_000 : integer('seed', values.seed)
  const orders = values.orders === undefined ? undefined : integer('orders', values.orders)
  const { short } = values
  const chosen = choose(positionals.length === 0 && short ? shortFaults : positionals)

  for (const args of [['info'], ['compose', 'version']]) {
    if (spawnSync('docker', args).status === 0) continue
    console.error(`faults: needs a running Docker engine with Compose v2; \`docker ${args.join(' ')}\` failed`)
    return
  }

  const began = performance.now()
  leaveNothing()
  await buildImages()
  const verdicts: Verdict[] = []
  for (const fault of chosen) verdicts.push(await runFault(fault, { seed, orders, short }))

  const [load = 0] = loadavg()
  const seconds = Math.round((performance.now() - began) / 1000)
  const machine = `${availableParallelism()} cores, load ${load.toFixed(1)} at the end`
  console.log(`\n\`npm run faults\` with seed ${seed} in ${seconds} s (${machine}):\n\n${table(verdicts)}\n`)
  const failed = verdicts.filter(({ passed }) => !passed).length
  const sums = [failed > 0 && `${failed} failed`, `${verdicts.length - failed} passed`, `${verdicts.length} total`]
  console.log(`Faults: ${sums.filter(Boolean).join(', ')}`)
  if (failed === 0) process.exitCode = 0
}

function choose(names: readonly string[]): readonly Fault[] {
  const unknown = names.filter((name) => !faults.some((fault) => fault.name === name))
  if (unknown.length > 0) {
    refuse('faults', `unknown fault: ${unknown.join(', ')}; choose from ${faults.map(({ name }) => name).join(', ')}`)
  }
  return names.length === 0 ? faults : faults.filter(({ name }) => names.includes(name))
}

function integer(name: string, value: string): number {
  if (/^\d{1,9}$/.test(value)) return Number(value)
  return refuse('faults', `--${name} must be an integer from 0 to 999999999`)
}

function leaveNothing(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1))
  process.on('exit', () => {
    removeFolders()
    removeAtOnce()
  })
}

process.exitCode = 1 // also where nothing is left to wait for, and it was not yet at its end
main().catch((error: unknown) => {
  console.error(error)
})
