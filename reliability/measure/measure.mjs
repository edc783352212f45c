/**
 * Measures the figures of the README on this machine: what `npm run measure` does. Progress goes to stderr, the figures
 * to stdout. Whatever it starts or makes is gone when it ends, however it ends.
 */
import { availableParallelism, loadavg } from 'node:os'
import process from 'node:process'
import { build } from '../../scripts/build.mjs'
import { imageSize, timesFromUp, whyNoContainers } from './containers.mjs'
import { memoryUnderOrders, services, startTime } from './processes.mjs'
import { readArguments } from '../../scripts/read-arguments.mjs'

const usage = `Usage: npm run measure

Measures start time, memory and image size of both services, and prints a table. Takes a few minutes. Memory needs Linux,
images need Docker; without them it measures the rest.`

const ups = 3
const starts = 5
const orders = 10_000

readArguments({ name: 'measure', usage })
build()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1))

const heads = ['figure', ...services, 'aim']
const rows = []
const leftOut = []

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

const started = await times(starts, async () => [await startTime(services[0]), await startTime(services[1])])
const inMs = started.map(({ median, best }) => `${Math.round(median)}, ${Math.round(best)} ms`)
add(`from the start of its process alone until ready (median, best of ${starts})`, inMs, 'under 380 ms')

if (process.platform === 'linux') {
  const aims = ['under 110, 75 MB', 'the same', 'the same']
  await memoryUnderOrders(orders, (when, memories) => {
    const values = memories.map(({ VmRSS, RssAnon }) => `${VmRSS}, ${RssAnon} MB`)
    add(`memory ${when} (VmRSS, RssAnon)`, values, aims.shift())
  })
} else {
  leftOut.push('memory: it is read from /proc, which only Linux has')
}

const reason = whyNoContainers()
if (reason === undefined) {
  const inSeconds = (await times(ups, timesFromUp)).map(
    ({ median, best }) => `${(median / 1000).toFixed(1)}, ${(best / 1000).toFixed(1)} s`,
  )
  add(`from \`docker compose up -d\`, images built, until ready (median, best of ${ups})`, inSeconds, 'under 3 s')
  add('image, and the base that it is on', services.map(imageSize), '')
} else {
  leftOut.push(`containers and images: ${reason}`)
}

console.log(`\nMeasured by \`npm run measure\` with Node.js ${process.version} (${machine}):\n`)
const widths = heads.map((_, column) => Math.max(...[heads, ...rows].map((row) => row[column].length)))
const rule = widths.map((width) => '-'.repeat(width))
for (const row of [heads, rule, ...rows]) {
  console.log(`| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`)
}
for (const line of leftOut) console.log(`\nNot measured: ${line}.`)
