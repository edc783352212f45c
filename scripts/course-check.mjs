/** Applies every patch of the course to a temporary copy, and compares what turns red with what is promised. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import process from 'node:process'
import { breakBy, expected, makeCopy, restore } from './course/copy.mjs'
import { readArguments } from './read-arguments.mjs'

const usage = `Usage: npm run course:check

Applies each patch of the course to a temporary copy of the repository. Exactly the tests and the findings of the simulation
that docs/course/patches/expected.json names must turn red; tests in other files are not run, and may turn red as well. Exit
code 0: they did; 1: they did not, or a patch does not apply.`

const copies = 2

readArguments({ name: 'course:check', usage, options: {} })
const parent = realpathSync(mkdtempSync(join(tmpdir(), 'tandem-course-')))
const env = { ...process.env, NODE_COMPILE_CACHE: join(parent, 'compiled') } // of the compiler of TypeScript, above all
const steps = Object.entries(expected)
const total = steps.length
let passed = 0
try {
  console.log('step | red tests | findings of the simulation | seconds')
  await Promise.all(Array.from({ length: copies }, (_, i) => checkInCopy(join(parent, String(i)))))
} finally {
  rmSync(parent, { recursive: true, force: true })
}
const failed = total - passed
console.log(`Course: ${failed === 0 ? '' : `${failed} failed, `}${passed} passed, ${total} total`)
process.exitCode = failed === 0 ? 0 : 1

/** Takes one step after the other, until all are taken. */
async function checkInCopy(folder) {
  makeCopy(folder)
  for (let next = steps.shift(); next !== undefined; next = steps.shift()) {
    const [step, chosen] = next
    const began = Date.now()
    const { rows, wrong } = await check(folder, chosen)
    console.log([step, ...rows, ((Date.now() - began) / 1000).toFixed(1)].join(' | '))
    for (const line of wrong) console.log(`  ${line}`)
    if (wrong.length === 0) passed += 1
  }
}

async function check(folder, chosen) {
  restore(folder)
  try {
    breakBy(folder, chosen)
  } catch (error) {
    return { rows: ['-', '-'], wrong: [`${chosen.patch} does not apply: ${error.message}`] }
  }
  const promised = Object.entries(chosen.tests).flatMap(([file, names]) => names.map((name) => `${file}: ${name}`))
  const [red, found] = await Promise.all([
    redTests(folder, Object.keys(chosen.tests)),
    chosen.simulation === undefined ? [] : findings(folder, chosen.simulation.seed),
  ])
  const wrong = [...compare('test', promised, red), ...compare('finding', chosen.simulation?.findings ?? [], found)]
  return { rows: [red.length, found.join(', ') || '-'], wrong }
}

function compare(what, promised, red) {
  return [
    ...promised.filter((it) => !red.includes(it)).map((it) => `did not turn red: ${what} ${it}`),
    ...red.filter((it) => !promised.includes(it)).map((it) => `not promised: ${what} ${it}`),
  ]
}

async function redTests(folder, files) {
  const output = join(folder, 'tests.json')
  const inOneProcess = ['--silent', '--runInBand', '--json', '--outputFile', output]
  await node(folder, 'node_modules/jest/bin/jest.js', ...inOneProcess, '--runTestsByPath', ...files)
  const { testResults } = JSON.parse(readFileSync(output, 'utf8'))
  return testResults.flatMap(({ name, message, assertionResults }) => {
    const file = relative(folder, name).replaceAll('\\', '/')
    if (assertionResults.length === 0) return [`${file}: ${message.split('\n')[0]}`]
    return assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => `${file}: ${fullName}`)
  })
}

async function findings(folder, seed) {
  const typescript = ['-C', 'development', '-r', 'ts-node/register/transpile-only']
  const stdout = await node(folder, ...typescript, 'reliability/simulation/main.ts', '--trace', String(seed))
  const kinds = [...stdout.matchAll(/^FINDING ([\w-]+):/gm)].map(([, kind]) => kind)
  return [...new Set(kinds)].sort()
}

/** Returns what it printed. */
async function node(folder, ...args) {
  const child = spawn(process.execPath, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'ignore'] })
  let stdout = ''
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text))
  await once(child, 'close')
  return stdout
}
