import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { guards } from '../../reliability/simulation/guards'

const root = join(__dirname, '../..')
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
/** The commands that are ours; tools such as Jest have a `--help` of their own. */
const commands = Object.entries(scripts).flatMap(([name, command]) => (/^node [^&]+$/.test(command) ? [name] : []))

jest.setTimeout(60_000) // those in TypeScript take seconds to load on a busy machine

interface Ended {
  code: unknown
  stdout: string
  stderr: string
}

function run(name: string, ...args: string[]): Promise<Ended> {
  const [, ...given] = scripts[name]!.split(' ')
  const options = { cwd: root, timeout: 50_000, killSignal: 'SIGKILL' } as const
  return new Promise((resolve) => {
    execFile(process.execPath, [...given, ...args], options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, stdout, stderr })
    })
  })
}

test.each(commands)('npm run %s -- --help prints the usage and does nothing else', async (name) => {
  const { code, stdout, stderr } = await run(name, '--help')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(new RegExp(`^Usage: .*npm (run )?(--silent )?${name}( |$)`, 'm'))
})

test.each(commands)('npm run %s prints one line and exits with 2 for an unknown argument', async (name) => {
  const nonsense = name === 'new-service' ? 'No Name' : 'nonsense' // which would be a name
  for (const { code, stdout, stderr } of await Promise.all([run(name, '--nonsense'), run(name, nonsense)])) {
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^[a-z0-9:-]+: .*\n$/)
  }
})

test('npm run sim lists the guards in its usage, and for an unknown guard', async () => {
  const names = Object.keys(guards)
  const without = (guard: string) => run('sim', '--seeds', '1', '--without', guard)
  const [usage, ...refused] = await Promise.all([run('sim', '--help'), without('nonsense'), without('constructor')])
  expect(names.filter((name) => !usage.stdout.includes(name))).toEqual([])
  const line = (guard: string) =>
    `sim: unknown guard: ${guard}; choose from ${names.join(', ')}, all (--help shows the usage)\n`
  expect(refused).toEqual([
    { code: 2, stdout: '', stderr: line('nonsense') },
    { code: 2, stdout: '', stderr: line('constructor') },
  ])
})

test('npm run bench refuses a bad option, and measures nothing', async () => {
  expect(await run('bench', '--rounds', '0')).toEqual({
    code: 2,
    stdout: '',
    stderr: 'bench: --rounds must be an integer from 1 to 99 (--help shows the usage)\n',
  })
})

test('npm run sim refuses to run zero stories, which would pass', async () => {
  expect(await run('sim', '--seeds', '0')).toMatchObject({ code: 2, stderr: expect.stringContaining('from 1 to') })
})
