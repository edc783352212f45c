import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { afterThisTest, eventually } from './temporary'

export interface Child {
  output(): string
  errors(): string
  signal(name: NodeJS.Signals): void
  /** Until the text is in its output. */
  says(text: string): Promise<unknown>
  /** Its exit code, once it has ended. */
  code: Promise<number | null>
}

/** Runs a text of TypeScript as a process of its own, in the folder of the chassis; it is gone after the test. */
export function runChild(script: string, environment: NodeJS.ProcessEnv = {}): Child {
  const args = ['-C', 'development', '-r', join(__dirname, 'run-typescript.cjs'), '-e', script]
  const child = spawn(process.execPath, args, {
    cwd: join(__dirname, '..'),
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  afterThisTest(() => child.kill('SIGKILL'))
  let output = ''
  let errors = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  return {
    output: () => output,
    errors: () => errors,
    signal: (name) => void child.kill(name),
    says: (text) => eventually(() => output.includes(text)),
    code: new Promise((resolve) => child.once('close', resolve)),
  }
}
