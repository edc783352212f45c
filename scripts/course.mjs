/** The course's patches, in a copy of the repository: `npm run course -- break 1`. */
import { spawn } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import process from 'node:process'
import { breakBy, changesIn, expected, git, makeCopy, restore, root, start } from './course/copy.mjs'
import { keepLocked, runs } from './course/running.mjs'
import { readArguments, refuse } from './read-arguments.mjs'

const copy = join(dirname(root), `${basename(root)}-course`)
const usage = `Usage: npm run course -- break STEP | mend | reset | list

Breaks Tandem by a patch of the course, in a copy of it in the folder beside this one, ${basename(copy)}. Exit code 0: done;
1: it could not be done; 2: it was asked for something else.

  break STEP  applies the patch of a step, says what to try, and starts the copy; Ctrl-C stops it
  mend        takes the patch back
  reset       removes the copy
  list        names the steps and the mysteries

  --no-start  does not start the copy
  --force     gives up what you changed in the copy; one that still runs is never touched`

const { values, positionals } = readArguments({
  name: 'course',
  usage,
  options: { 'no-start': { type: 'boolean' }, force: { type: 'boolean' } },
  allowPositionals: true,
})
const [action, step, ...more] = positionals
const actions = { break: breakCopy, mend, reset, list }

if (action === undefined || !Object.hasOwn(actions, action)) {
  refuse(
    'course',
    `${action === undefined ? 'nothing to do' : `unknown: ${action}`}; choose break, mend, reset or list`,
  )
}
if (more.length > 0 || (action !== 'break' && step !== undefined)) refuse('course', 'too many arguments')
if (action === 'break' && !Object.hasOwn(expected, step ?? '')) {
  refuse('course', `unknown step: ${step ?? 'none'}; choose from ${Object.keys(expected).join(', ')}`)
}
try {
  actions[action]()
} catch (error) {
  console.error(`course: ${error.message}`)
  process.exitCode = 1
}

function breakCopy() {
  if (existsSync(copy)) needOurs()
  else makeWhole()
  const chosen = expected[step]
  restore(copy)
  breakBy(copy, chosen)
  console.log(`${chosen.title} (${step}) is broken, in ${copy}

Predict: ${chosen.predict}

Try:
${chosen.try.map((it) => `  - ${it}`).join('\n')}

Mend it there, in your editor. To take the patch back: npm run course -- mend`)
  if (!values['no-start']) run()
}

/** A copy that was not finished is none. */
function makeWhole() {
  try {
    makeCopy(copy)
  } catch (error) {
    rmSync(copy, { recursive: true, force: true })
    throw error
  }
}

function mend() {
  if (!existsSync(copy)) throw new Error(`there is no copy yet: ${copy}`)
  needOurs()
  restore(copy)
  console.log(`The patch is taken back, in ${copy}`)
}

function reset() {
  if (existsSync(copy)) {
    needOurs()
    rmSync(copy, { recursive: true, force: true })
  }
  console.log(`There is no copy any more at ${copy}`)
}

function list() {
  const current = existsSync(copy) ? git(copy, 'log', '-1', '--format=%s').trim() : ''
  for (const [name, { title, patch }] of Object.entries(expected)) {
    console.log(`${name}  ${title}${current === `Apply ${basename(patch, '.patch')}` ? '  (applied now)' : ''}`)
  }
}

/** Nothing is deleted that the course did not make, that still runs, or that the student changed. */
function needOurs() {
  if (!existsSync(join(copy, '.git')) || git(copy, 'tag', '--list', start).trim() !== start) {
    throw new Error(`${copy} is not a copy of the course; move it away`)
  }
  if (runs(copy)) throw new Error(`the copy still runs, in ${copy}; stop it with Ctrl-C where you started it`)
  const changes = changesIn(copy)
  if (changes.length === 0 || values.force) return
  const files = changes.map((line) => line.slice(3)).join(', ')
  throw new Error(`you have changed ${files} in ${copy}; --force gives that up`)
}

function run() {
  const commands = ['-r', './scripts/end-with-parent.cjs', '-r', './scripts/installed.cjs', 'scripts/start.mjs']
  console.log('\nThe copy starts now, with an empty shop; Ctrl-C stops it. The first time this takes a minute.\n')
  const lock = keepLocked(copy)
  const child = spawn(process.execPath, commands, { cwd: copy, stdio: 'inherit' })
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  // A terminal sends it to the copy too; on Windows, a second one would end the copy at once.
  process.on('SIGINT', () => process.platform !== 'win32' && child.kill('SIGINT'))
  child.on('exit', (code) => {
    process.exitCode = code ?? 1
    lock.close()
  })
}
