import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../harness/compose-stack'
import { eventually } from '../../harness/eventually'

interface Process {
  pid: number
  parent: number
  command: string
}

const foldersOfBench = () => readdirSync(join(root, 'data')).filter((name) => name.startsWith('tandem-measure-'))

function processes(): Process[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      const [, parent] = /^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${name}/status`, 'utf8')) ?? []
      return { pid: Number(name), parent: Number(parent), command: readFileSync(`/proc/${name}/cmdline`, 'utf8') }
    } catch (error) {
      if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return [] // it has ended
      throw error
    }
  })
}

function withDescendants(pids: number[], all: readonly Process[]): Process[] {
  const found = all.filter(({ pid }) => pids.includes(pid))
  const children = all.filter(({ parent }) => pids.includes(parent)).map(({ pid }) => pid)
  return children.length === 0 ? found : [...found, ...withDescendants(children, all)]
}

test('npm run bench ends all that it started, and removes its data, on Ctrl-C', async () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const [, ...args] = scripts.bench.split(' ')
  const given = ['--short', '--rounds', '99', '--growth', 'none']
  const bench = spawn(process.execPath, [...args, ...given], { cwd: root, stdio: 'ignore' })
  const ended = once(bench, 'exit')
  const running = await eventually(60_000, 'the load has begun', async () => {
    const found = withDescendants([bench.pid!], processes())
    return found.some(({ command }) => command.includes('load-generator')) ? found : undefined
  })
  expect(running.filter(({ command }) => /naive|floor|dist\/main/.test(command))).toHaveLength(6)
  expect(foldersOfBench()).toHaveLength(1)

  bench.kill('SIGINT')
  await ended

  const pids = running.map(({ pid }) => pid)
  const alive = () => processes().filter(({ pid, command }) => pids.includes(pid) && command !== '')
  await eventually(5_000, 'all have ended', async () => (alive().length === 0 ? true : undefined))
  expect(foldersOfBench()).toEqual([])
})
