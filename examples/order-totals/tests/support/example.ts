import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { afterThisTest, eventually } from '../../../../chassis/testing/temporary'

const patienceMs = 15_000 // it tries again each second, and swaps its key for a token
const runTypeScript = join(__dirname, '../../../../chassis/testing/run-typescript.cjs')

/** The example as a process of its own; it is gone after the test. */
export function runExample(environment: Record<string, string>) {
  const child = spawn(process.execPath, ['-r', runTypeScript, 'src/order-totals.ts'], {
    cwd: join(__dirname, '../..'),
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  afterThisTest(() => child.kill('SIGKILL'))
  const said = { lines: '', complaints: '' }
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (said.lines += chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said.complaints += chunk))
  const code = new Promise((resolve) => child.once('close', resolve))
  return {
    /** Until it has said the line, as its last one. */
    says: (line: string) => eventually(() => said.lines.endsWith(`${line}\n`), patienceMs),
    complainsOf: (url: string) => eventually(() => said.complaints.includes(`${url} cannot be read`), patienceMs),
    signal: (name: NodeJS.Signals) => child.kill(name),
    ended: async () => ({ code: await code, ...said }),
  }
}
