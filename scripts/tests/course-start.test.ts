import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventually, temporaryFolder } from '../../chassis/testing/temporary'
import { isAlive, run } from './support/command'
import { smallRepository, start } from './support/small-repository'

jest.setTimeout(60_000)

/** A small clone with one step, whose patch changes user-service; in a folder whose name has a blank. */
function clone(): string {
  const folder = smallRepository(join(temporaryFolder(), 'my clone'))
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, encoding: 'utf8' })
  const source = join(folder, 'user-service/src/main.ts')
  writeFileSync(join(folder, '.gitignore'), 'node_modules\ndist\n')
  git('init', '--quiet')
  git('add', '--all')
  const whole = readFileSync(source, 'utf8')
  appendFileSync(source, "\n  console.log('broken')\n")
  const patch = git('diff')
  writeFileSync(source, whole)
  mkdirSync(join(folder, 'docs/course/patches'), { recursive: true })
  writeFileSync(join(folder, 'docs/course/patches/1.patch'), patch)
  const expected = { 1: { patch: '1.patch', title: 'One', predict: 'what', try: ['something'] } }
  writeFileSync(join(folder, 'docs/course/patches/expected.json'), JSON.stringify(expected))
  return folder
}

test('Ctrl-C stops all that break has started; until then mend, break and reset leave the copy as it is', async () => {
  const folder = clone()
  const course = async (...args: string[]) => {
    const command = run(folder, ['npm', 'run', '--silent', 'course', '--', ...args])
    return { code: await command.code, errors: command.errors() }
  }
  const started = await start(folder, {}, 'course -- break 1')
  await started.says('ready: ')
  expect(started.output()).toContain('user-service  | broken\n')
  expect(started.processes()).toHaveLength(2)
  const line = `course: the copy still runs, in ${folder}-course; stop it with Ctrl-C where you started it\n`
  for (const args of [['break', '1'], ['mend'], ['reset', '--force']]) {
    expect(await course(...args)).toEqual({ code: 1, errors: line })
  }

  process.kill(-started.pid, 'SIGINT') // as a terminal does
  await started.code
  expect(started.output().match(/\| stopped$/gm)).toHaveLength(2)
  await eventually(() => !isAlive(-started.pid) && !started.processes().some(isAlive))
  expect(await course('mend')).toEqual({ code: 0, errors: '' })
  expect(await course('reset')).toEqual({ code: 0, errors: '' })
})

test('SIGTERM for npm alone stops all that break has started', async () => {
  const started = await start(clone(), {}, 'course -- break 1')
  await started.says('ready: ')
  process.kill(started.pid, 'SIGTERM')
  await started.code
  expect(started.output().match(/\| stopped$/gm)).toHaveLength(2)
  await eventually(() => !isAlive(-started.pid) && !started.processes().some(isAlive))
})
