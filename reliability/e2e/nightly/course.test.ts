import { execFileSync } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { commandsBelow as below, type Command } from '../../harness/commands'
import { npmEnvironment, NpmStart } from '../../harness/npm-start'
import { pasteIntoBash } from '../../harness/run-in-bash'
import { root } from '../../harness/stack'
import { filesIn } from '../../tests/docs/documents'
import { runCommands } from '../support/run-commands'

jest.setTimeout(300_000) // a simulation with each guard taken away is among the commands

const parent = mkdtempSync(join(realpathSync(tmpdir()), 'tandem-course-'))
const clone = join(parent, 'tandem')
const where = { cwd: clone, env: npmEnvironment }
const pages = filesIn('docs/course').filter((file) => /^docs\/course\/\d/.test(file))
const signUp = below('docs/course/README.md', 'Set up').at(-1)!
const goToCopy = below('docs/course/README.md', 'Break it, mend it')[1]!

beforeAll(() => {
  const source = pathToFileURL(join(root, 'scripts/course/copy.mjs')).href
  const script = `import { makeCopy } from '${source}'\nmakeCopy(${JSON.stringify(clone)})`
  execFileSync(process.execPath, ['--input-type=module', '--eval', script])
})

afterAll(() => {
  rmSync(parent, { recursive: true })
})

const step = (number: number) => pages.find((page) => page.startsWith(`docs/course/${number}`))!
const unseen = ({ script }: Command): Command => ({ script, shown: [] })

/** Does something while npm runs what it is asked for, which Ctrl-C ends. */
async function whileRuns<T>(args: readonly string[], act: () => Promise<T>): Promise<T> {
  const npm = new NpmStart(clone, {}, args)
  try {
    await npm.prints('look at http')
    return await act()
  } finally {
    await npm.interrupt()
  }
}

function responsesOf(output: string): { status: string; seconds: number }[] {
  return [...output.matchAll(/^(\d{3}) ([\d.]+)$/gm)].map(([, status, seconds]) => ({
    status: status!,
    seconds: Number(seconds),
  }))
}

test('the commands of the steps print what they show', async () => {
  await whileRuns(['start'], async () => {
    for (const page of pages) {
      const [, ...outputs] = await runCommands([signUp, ...below(page, 'Run and see')], where)
      if (page === step(2)) expect(new Set(/^.*\n.*\n/.exec(outputs[0]!)![0].trim().split('\n')).size).toBe(1)
      if (page !== step(4)) continue
      await pause(10_000) // it leaves orders to settle, which the next step would see
      const responses = responsesOf(outputs[0]!)
      expect(responses.map(({ status }) => status)).toEqual(Array.from({ length: 6 }, () => '202'))
      expect(responses.at(-1)!.seconds).toBeLessThan(1)
    }
  })
})

test.each(pages)(
  '%s, broken, prints what it shows, and its test is red until the patch is taken back',
  async (page) => {
    const [breaking, ...see] = below(page, 'Break it')
    const testing = below(page, 'The test that would have caught it')[0]!
    const [npm, ...args] = breaking!.script.trim().split(' ')
    expect(npm).toBe('npm')
    if (args.includes('--no-start')) {
      await runCommands([breaking!, goToCopy, ...see], where)
    } else {
      const again = below(page, 'Run and see').map(unseen)
      const [, , output] = await whileRuns(args, () => runCommands([goToCopy, signUp, ...again, ...see], where))
      if (page === step(1)) expect(output).toMatch(/"creditCents":90002\ncancelled\n"creditCents":90002\n/)
      if (page === step(2)) expect(output).toMatch(/\n201\n$/)
      if (page === step(4)) expect(Math.min(...responsesOf(output!).map(({ seconds }) => seconds))).toBeGreaterThan(2)
    }
    const scripts = [goToCopy.script, `${testing.script}echo "exit code $?"`]
    expect((await pasteIntoBash(scripts, where)).at(-1)).toMatch(/^exit code 1$/m)
    await pasteIntoBash(['npm run course -- mend'], where)
    expect((await pasteIntoBash(scripts, where)).at(-1)).toMatch(/^exit code 0$/m)
  },
)

test.each([
  ['a', 'Seeds: 100 passed, 100 total'],
  ['b', 'FINDING '],
  ['c', 'FINDING '],
])('the simulation says of mystery %s what the page says', async (mystery, said) => {
  const simulate = 'npm run sim -- --seeds 100 --shrink-seconds 10'
  const outputs = await pasteIntoBash(
    [`npm run course -- break ${mystery} --no-start`, goToCopy.script, simulate],
    where,
  )
  expect(outputs.at(-1)).toContain(said)
})
