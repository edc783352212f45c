/**
 * Runs both services through stories in which everything goes wrong, and audits the result: what `npm run sim`
 * does.
 */
import { createHash } from 'node:crypto'
import { readArguments, refuse } from '../../scripts/read-arguments.mjs'
import { guards } from './guards'
import type { Outcome } from './run-story'
import { runSeed, shortestFailure, storyOf } from './seeds'
import { withNames } from './with-names'
import { onEveryCore, type Result, type Task } from './workers'

const usage = `Usage: npm run sim -- [--seeds N] [--from SEED] [--without GUARD] [--trace SEED] [--shrink-seconds N]

Runs both services in virtual time through stories in which everything goes wrong, one for each seed, and audits what is
left. Exit code 0: nothing was found; 1: a story failed, or a missing guard was not noticed; 2: it could not run.

  --seeds N           the number of stories; 1000 if not given
  --from SEED         the first seed; 1 if not given
  --without GUARD     takes a guard away first, which must be noticed within N stories; all takes away each in turn
  --trace SEED        prints all that happens in the story of one seed, with all guards or --without one
  --shrink-seconds N  how long to search for a shorter story of one that fails; 120 if not given

The guards: ${Object.keys(guards).join(', ')}.`

const { values } = readArguments({
  name: 'sim',
  usage,
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    without: { type: 'string' },
    trace: { type: 'string' },
    'shrink-seconds': { type: 'string', default: '120' },
  },
})

main().then(
  (passed) => {
    process.exitCode = passed ? 0 : 1
  },
  (error: unknown) => {
    console.error(`sim: ${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = 2
  },
)

async function main(): Promise<boolean> {
  const { without } = values
  const [seeds, from] = [integer('seeds', values.seeds, 1), integer('from', values.from)]
  const one = values.trace === undefined ? undefined : integer('trace', values.trace)
  const known = [...Object.keys(guards), ...(one === undefined ? ['all'] : [])]
  if (without !== undefined && !known.includes(without)) {
    refuse('sim', `unknown guard: ${without}; choose from ${known.join(', ')}`)
  }
  const shrinkSeconds = integer('shrink-seconds', values['shrink-seconds'])
  if (one !== undefined) return trace(one, without)
  if (without === undefined) return everythingInPlace(seeds, from, shrinkSeconds)
  const names = without === 'all' ? Object.keys(guards) : [without]
  let caught = 0
  for (const name of names) if (await isCaught(name, seeds, from)) caught += 1
  summarise('Guards', caught, names.length)
  return caught === names.length
}

function integer(name: string, value: string, min = 0): number {
  if (/^\d{1,9}$/.test(value) && Number(value) >= min) return Number(value)
  return refuse('sim', `--${name} must be an integer from ${min} to 999999999`)
}

/** The seeds one after the other, each as a task; none after the first that is not as it should be. */
async function runSeeds(
  tasks: { seeds: number; from: number; without?: string },
  isFinal: (result: Result) => boolean,
): Promise<Result[]> {
  const results: Result[] = []
  let seed = tasks.from
  let over = false
  const next = (): Task | undefined =>
    over || seed >= tasks.from + tasks.seeds ? undefined : { seed: seed++, without: tasks.without }
  await onEveryCore(next, (result) => {
    results.push(result)
    over ||= isFinal(result)
    if (process.stderr.isTTY) process.stderr.write(`\r${results.length} seeds`)
  })
  return results.sort((a, b) => a.seed - b.seed)
}

async function everythingInPlace(seeds: number, from: number, shrinkSeconds: number): Promise<boolean> {
  const began = performance.now()
  const results = await runSeeds({ seeds, from }, ({ findings }) => findings.length > 0)
  const seconds = ((performance.now() - began) / 1000).toFixed(0)
  const hash = createHash('sha256')
  for (const { traceHash } of results) hash.update(traceHash)
  const failed = results.find(({ findings }) => findings.length > 0)
  if (failed) {
    await tellShortest(failed.seed, shrinkSeconds)
    summarise('Seeds', results.filter(({ findings }) => findings.length === 0).length, results.length)
    return false
  }
  const sum = (of: (result: Result) => number) => results.reduce((total, result) => total + of(result), 0)
  const { kills, hangs, jumps, lost, repeated, requests } = {
    kills: sum(({ counts }) => counts.kills),
    hangs: sum(({ counts }) => counts.hangs),
    jumps: sum(({ counts }) => counts.jumps),
    lost: sum(({ counts }) => counts.lost),
    repeated: sum(({ counts }) => counts.repeated),
    requests: sum(({ counts }) => counts.requests),
  }
  console.log(
    `${seeds} seeds from ${from}: 0 findings in ${seconds} s; ${sum(({ acknowledged }) => acknowledged)} acknowledgements, ` +
      `${requests} requests of which ${lost} lost theirs or their answer and ${repeated} came twice, ` +
      `${kills} kills, ${hangs} hangs, ${jumps} jumps of a clock; traces ${hash.digest('hex').slice(0, 16)}`,
  )
  summarise('Seeds', seeds, seeds)
  return true
}

async function isCaught(without: string, seeds: number, from: number): Promise<boolean> {
  const results = await runSeeds({ seeds, from, without }, ({ findings }) => findings.length > 0)
  const caught = results.find(({ findings }) => findings.length > 0)
  if (caught) console.log(`without ${without}: noticed at seed ${caught.seed}: ${caught.findings[0] ?? ''}`)
  else console.log(`without ${without}: NOT noticed within ${seeds} seeds: the simulation is blind there`)
  return caught !== undefined
}

function summarise(what: string, passed: number, total: number): void {
  const failed = total === passed ? '' : `${total - passed} failed, `
  console.log(`${what}: ${failed}${passed} passed, ${total} total`)
}

async function tellShortest(seed: number, shrinkSeconds: number): Promise<void> {
  console.log(`seed ${seed} fails; searching for the shortest failing story`)
  const { story, outcome } = await shortestFailure(seed, shrinkSeconds * 1000)
  console.log(JSON.stringify(story))
  tell(outcome)
  console.log(`again: npm run sim -- --trace ${seed}`)
}

async function trace(seed: number, without: string | undefined): Promise<boolean> {
  console.log(JSON.stringify(storyOf(seed)))
  const outcome = await runSeed(seed, without)
  tell(outcome)
  console.log(`trace ${outcome.traceHash}`)
  return outcome.findings.length === 0
}

function tell({ trace, findings }: Outcome): void {
  for (const line of withNames([...trace, ...findings.map((it) => `FINDING ${it}`)])) console.log(line)
}
