/** Measures Tandem beside two yardsticks of its own: what `npm run bench` does. */
import { mkdirSync, statfsSync, writeFileSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import { join } from 'node:path'
import { build } from '../../scripts/build.mjs'
import { readArguments, refuse } from '../../scripts/read-arguments.mjs'
import { inNewFolder, root } from '../measure/processes.mjs'
import { measureBesideYardsticks } from './beside-yardsticks'
import { measureGrowth } from './growth'
import { connections } from './load'
import { readOptions, type Options } from './options'
import { pictureOf } from './picture'
import { tablesOf } from './report'
import { summarise } from './summary'

const usage = `Usage: npm run bench -- [--rounds N] [--seconds S] [--growth COUNTS] [--short] [--json] [--picture FILE]

Measures Tandem in turns with two yardsticks: naive (two services in memory, as a tutorial writes them) and floor (no
framework, each step on disk before the next); then Tandem alone with many orders stored. Takes about eight minutes and
2 GB in the folder data, and needs no container. Quote the ratios: the other figures are those of this machine.
Exit code 1: there are no figures, because a response was not 2xx, or an order was not confirmed.

  --rounds N       how many times each is measured; 3 if not given
  --seconds S      how long each measurement takes; 5 if not given
  --growth COUNTS  how many orders are stored; 1000,100000,1000000 if not given, none leaves it out
  --short          some seconds, to see that it runs; the figures mean nothing
  --json           prints JSON instead of tables
  --picture FILE   also draws the figures, as SVG`

const tmpfs = 0x01021994

const { values } = readArguments({
  name: 'bench',
  usage,
  options: {
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    growth: { type: 'string' },
    short: { type: 'boolean' },
    json: { type: 'boolean' },
    picture: { type: 'string' },
  },
})

main(optionsOrRefusal()).then(
  (count) => tell(`Measurements: ${count} passed, ${count} total`),
  (error: unknown) => {
    tell(`bench: no figures: ${error instanceof Error ? error.message : String(error)}`)
    tell('Measurements: 1 failed, 1 total')
    process.exit(1) // which ends what still runs
  },
)

function optionsOrRefusal(): Options {
  try {
    return readOptions(values)
  } catch (error) {
    return refuse('bench', (error as Error).message)
  }
}

/** Returns how many measurements the figures are made of. */
async function main(options: Options): Promise<number> {
  const [load = NaN] = loadavg()
  build()
  const data = join(root, 'data')
  mkdirSync(data, { recursive: true })
  const isTmpfs = process.platform === 'linux' && statfsSync(data).type === tmpfs
  return inNewFolder(async (folder: string) => {
    const place = { folder, options, tell }
    const [figures, growth] = [await measureBesideYardsticks(place), await measureGrowth(place)]
    const summary = summarise(figures, growth)
    const machine = `Node.js ${process.version}, ${availableParallelism()} cores, load ${load.toFixed(1)} before`
    const method = `${options.rounds} × ${options.seconds} s, ${connections} connections, medians`
    const disk = isTmpfs ? '; on a tmpfs, where a commit costs nothing: not to be quoted' : ''
    const measured = `By npm run bench: ${method}; ${machine}${disk}`
    if (options.picture !== undefined) writeFileSync(options.picture, pictureOf(summary, measured))
    if (options.isJson) console.log(JSON.stringify({ measured, ...summary }, undefined, 2))
    else console.log(`\n${measured}\n\n${tablesOf(summary)}\n`)
    return options.rounds * (2 * Object.keys(figures).length + 3 * growth.length)
  }, data)
}

function tell(line: string): void {
  console.error(line)
}
