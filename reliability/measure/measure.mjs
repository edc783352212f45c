/**
 * Measures the containers on this machine: what `npm run measure` does. Progress goes to stderr, the figures to stdout.
 * Whatever it starts or makes is gone when it ends, however it ends.
 */
import { availableParallelism, loadavg } from 'node:os'
import process from 'node:process'
import { imageSize, timesFromUp, whyNoContainers } from './containers.mjs'
import { services } from './processes.mjs'
import { readArguments } from '../../scripts/read-arguments.mjs'

const usage = `Usage: npm run measure

Measures how long the containers of both services take to be ready, and how large their images are. Needs Docker, and
takes a few minutes. npm run bench measures the rest.`

const ups = 3

readArguments({ name: 'measure', usage })

const heads = ['figure', ...services, 'aim']
const rows = []

function add(figure, values, aim) {
  rows.push([figure, ...values, aim])
  console.error(`${figure}: ${values.join(' and ')}`)
}

/** Runs it repeatedly, and returns the median and best time of each service. */
async function times(count, run) {
  const runs = []
  for (let i = 0; i < count; i++) runs.push(await run())
  return services.map((_, service) => {
    const sorted = runs.map((run) => run[service]).toSorted((a, b) => a - b)
    return { median: sorted[Math.floor(count / 2)], best: sorted[0] }
  })
}

const [load] = loadavg()
const machine = `${availableParallelism()} cores, load ${load.toFixed(1)} before`

const reason = whyNoContainers()
if (reason !== undefined) {
  console.error(`measure: ${reason}`)
  process.exit(1)
}
const inSeconds = (await times(ups, timesFromUp)).map(
  ({ median, best }) => `${(median / 1000).toFixed(1)}, ${(best / 1000).toFixed(1)} s`,
)
add(`from \`docker compose up -d\`, images built, until ready (median, best of ${ups})`, inSeconds, 'under 3 s')
add('image, and the base that it is on', services.map(imageSize), '')

console.log(`\nMeasured by \`npm run measure\` with Node.js ${process.version} (${machine}):\n`)
const widths = heads.map((_, column) => Math.max(...[heads, ...rows].map((row) => row[column].length)))
const rule = widths.map((width) => '-'.repeat(width))
for (const row of [heads, rule, ...rows]) {
  console.log(`| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`)
}
