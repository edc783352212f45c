import { spawn } from 'node:child_process'
import { afterThisTest } from '../../../chassis/testing/temporary'

// What of the environment of the tests changes what a command does.
const ours =
  /^(npm_|COMPOSE_|NODE_|CHAOS$|HOST$|PORT$|USER_SERVICE_|ORDER_SERVICE_|TRUSTED_SERVICES$|DATABASE_URL$)|_proxy$|^INIT_CWD$/i

export interface Command {
  pid: number
  output(): string
  errors(): string
  /** Until the text is in its output; fails if it ends without. */
  says(text: string): Promise<void>
  /** Its exit code, once it has ended. */
  code: Promise<number | null>
}

/** Runs a command in a folder; it is gone after the test, with its process group. */
export function run(folder: string, [command, ...args]: [string, ...string[]], environment = {}): Command {
  const inherited = Object.entries(process.env).filter(([name]) => !ours.test(name))
  const env = { ...Object.fromEntries(inherited), npm_config_update_notifier: 'false', ...environment }
  const child = spawn(command, args, { cwd: folder, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const pid = child.pid!
  let output = ''
  let errors = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  const code = new Promise<number | null>((resolve) => child.once('close', resolve))
  afterThisTest(() => {
    if (isAlive(-pid)) process.kill(-pid, 'SIGKILL')
  })
  return {
    pid,
    output: () => output,
    errors: () => errors,
    says: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (output.includes(text)) resolve()
        }
        look()
        child.stdout.on('data', look)
        child.once('close', () => {
          reject(new Error(`it ended without "${text}":\n${output}\n${errors}`))
        })
      }),
    code,
  }
}

/** Whether there is a process, or a group of this negative number. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
