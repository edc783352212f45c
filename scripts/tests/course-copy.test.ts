import { execFileSync, spawnSync } from 'node:child_process'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'

const source = join(__dirname, '../course/copy.mjs')
const parent = mkdtempSync(join(realpathSync(tmpdir()), 'tandem course '))
const [clone, copy] = [join(parent, 'tandem'), join(parent, 'tandem-course')]
const patched = join(copy, 'order-service/src/orders/settle-order.ts')

jest.setTimeout(60_000)

function course(...args: string[]) {
  return courseIn(process.env, ...args)
}

function courseIn(env: NodeJS.ProcessEnv, ...args: string[]) {
  const run = ['scripts/course.mjs', ...args]
  const { status, stdout, stderr } = spawnSync(process.execPath, run, { cwd: clone, encoding: 'utf8', env })
  return { status, stdout, stderr }
}

beforeAll(() => {
  const script = `import { makeCopy } from '${pathToFileURL(source).href}'\nmakeCopy(${JSON.stringify(clone)})`
  execFileSync(process.execPath, ['--input-type=module', '--eval', script])
})

afterAll(() => {
  rmSync(parent, { recursive: true })
})

test('break, mend and reset make a copy beside the clone, and leave the clone as it is', () => {
  expect(course('break', '1', '--no-start')).toMatchObject({ status: 0, stdout: expect.stringContaining('Predict: ') })
  expect(readFileSync(patched, 'utf8')).not.toContain('users.release')
  expect(course('list').stdout).toContain('1  One order, two databases  (applied now)\n')
  expect(course('break', '3', '--no-start')).toMatchObject({ status: 0 })
  expect(readFileSync(patched, 'utf8')).toContain('users.release')
  expect(course('mend')).toMatchObject({ status: 0 })
  expect(course('reset')).toMatchObject({ status: 0 })
  expect(existsSync(copy)).toBe(false)
  expect(execFileSync('git', ['status', '--porcelain'], { cwd: clone, encoding: 'utf8' })).toBe('')
})

test('what a student has changed in the copy is kept, unless --force gives it up', () => {
  course('break', '1', '--no-start')
  appendFileSync(patched, '// mine\n')
  for (const args of [['break', '2', '--no-start'], ['mend'], ['reset']]) {
    const line = `course: you have changed order-service/src/orders/settle-order.ts in ${copy}; --force gives that up\n`
    expect(course(...args)).toEqual({ status: 1, stdout: '', stderr: line })
  }
  expect(readFileSync(patched, 'utf8')).toContain('// mine')
  expect(course('reset', '--force')).toMatchObject({ status: 0 })
})

test('a folder of that name that the course did not make is left alone', () => {
  mkdirSync(copy)
  writeFileSync(join(copy, 'thesis.txt'), 'years of work')
  for (const args of [
    ['break', '1', '--no-start'],
    ['mend', '--force'],
    ['reset', '--force'],
  ]) {
    const line = `course: ${copy} is not a copy of the course; move it away\n`
    expect(course(...args)).toEqual({ status: 1, stdout: '', stderr: line })
  }
  expect(existsSync(join(copy, 'thesis.txt'))).toBe(true)
  rmSync(copy, { recursive: true })
})

test.each(['user-service', 'order-service'])('a copy in which somebody runs %s is left as it is', (service) => {
  course('break', '1', '--no-start')
  mkdirSync(join(copy, 'data'))
  const lock = new DatabaseSync(join(copy, `data/${service}.db.lock`))
  lock.exec('BEGIN EXCLUSIVE')
  for (const args of [['break', '2', '--no-start'], ['mend'], ['reset', '--force']]) {
    const line = `course: the copy still runs, in ${copy}; stop it with Ctrl-C where you started it\n`
    expect(course(...args)).toEqual({ status: 1, stdout: '', stderr: line })
  }
  lock.close()
  expect(course('mend')).toMatchObject({ status: 0 })
  expect(course('reset')).toMatchObject({ status: 0 })
})

test('a copy is made and removed without a shell, and the packages of the clone stay', () => {
  const onlyGit = mkdtempSync(join(parent, 'bin-'))
  const path = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim()
  symlinkSync(path, join(onlyGit, 'git'))
  const packages = readdirSync(join(clone, 'node_modules'))
  for (const args of [['break', '1', '--no-start'], ['reset']]) {
    expect(courseIn({ PATH: onlyGit }, ...args)).toMatchObject({ status: 0, stderr: '' })
  }
  expect(readdirSync(join(clone, 'node_modules'))).toEqual(packages)
  expect(existsSync(join(clone, 'node_modules/typescript/package.json'))).toBe(true)
})

test('an unknown step is refused with the steps that there are', () => {
  expect(course('break', '9')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('1, 2, 3, 4, 5, 6, a, b, c'),
  })
  expect(course('break', 'constructor')).toMatchObject({ status: 2 })
})

test('without git, one line says that it is needed', () => {
  const said = expect.stringMatching(/^course: git is needed.*\n$/)
  expect(courseIn({ PATH: '' }, 'break', '1', '--no-start')).toEqual({ status: 1, stdout: '', stderr: said })
})
