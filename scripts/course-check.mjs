/** Applies every patch of the course to a temporary copy, and compares what turns red with what is promised. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import process from 'node:process'
import { breakBy, expected, makeCopy, restore } from './course/copy.mjs'
import { readArguments } from './read-arguments.mjs'

const usage = `Usage: npm run course:check

Applies each patch of the course to a temporary copy of the repository. Exactly the tests and the findings of the simulation
that docs/course/patches/expected.json names must turn red. Exit code 0: they did; 1: they did not, or a patch does not apply.`

readArguments({ name: 'course:check', usage, options: {} })
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'tandem-course-')))
let passed = 0
try {
  makeCopy(folder)
  console.log('step | red tests | findings of the simulation | seconds')
  for (const [step, chosen] of Object.entries(expected)) {
    const began = Date.now()
    const { rows, wrong } = check(chosen)
    console.log([step, ...rows, ((Date.now() - began) / 1000).toFixed(1)].join(' | '))
    for (const line of wrong) console.log(`  ${line}`)
    if (wrong.length === 0) passed += 1
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
const total = Object.keys(expected).length
const failed = total - passed
console.log(`Course: ${failed === 0 ? '' : `${failed} failed, `}${passed} passed, ${total} total`)
process.exitCode = failed === 0 ? 0 : 1

function check(chosen) {
  restore(folder)
  try {
    breakBy(folder, chosen)
  } catch (error) {
    return { rows: ['-', '-'], wrong: [`${chosen.patch} does not apply: ${error.message}`] }
  }
  const promised = Object.entries(chosen.tests).flatMap(([file, names]) => names.map((name) => `${file}: ${name}`))
  const red = redTests(Object.keys(chosen.tests))
  const found = chosen.simulation === undefined ? [] : findings(chosen.simulation.seed)
  const wrong = [...compare('test', promised, red), ...compare('finding', chosen.simulation?.findings ?? [], found)]
  return { rows: [red.length, found.join(', ') || '-'], wrong }
}

function compare(what, promised, red) {
  return [
    ...promised.filter((it) => !red.includes(it)).map((it) => `did not turn red: ${what} ${it}`),
    ...red.filter((it) => !promised.includes(it)).map((it) => `not promised: ${what} ${it}`),
  ]
}

function redTests(files) {
  const output = join(folder, 'tests.json')
  node('node_modules/jest/bin/jest.js', '--silent', '--json', '--outputFile', output, '--runTestsByPath', ...files)
  const { testResults } = JSON.parse(readFileSync(output, 'utf8'))
  return testResults.flatMap(({ name, message, assertionResults }) => {
    const file = relative(folder, name).replaceAll('\\', '/')
    if (assertionResults.length === 0) return [`${file}: ${message.split('\n')[0]}`]
    return assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => `${file}: ${fullName}`)
  })
}

function findings(seed) {
  const typescript = ['-C', 'development', '-r', 'ts-node/register/transpile-only']
  const { stdout } = node(...typescript, 'reliability/simulation/main.ts', '--trace', String(seed))
  const kinds = [...stdout.matchAll(/^FINDING ([\w-]+):/gm)].map(([, kind]) => kind)
  return [...new Set(kinds)].sort()
}

function node(...args) {
  return spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 28 })
}
