import { spawn } from 'node:child_process'
import { once } from 'node:events'

export interface Where {
  cwd: string
  env: NodeJS.ProcessEnv
}

/** Runs a script. Returns what it printed; throws with everything that was printed if a command fails. */
export async function runInBash(script: string, { cwd, env }: Where): Promise<string> {
  const bash = spawn('bash', ['-ec', script], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let printed = ''
  let complaints = ''
  bash.stdout.setEncoding('utf8').on('data', (chunk: string) => (printed += chunk))
  bash.stderr.setEncoding('utf8').on('data', (chunk: string) => (complaints += chunk))
  const [code] = (await once(bash, 'close')) as [number | null] // as the event says
  if (code !== 0) throw new Error(`exit code ${code} of\n${script}\n${complaints}${printed}`)
  return printed
}

/** Pastes scripts into one bash, as into a terminal. Returns what each of them printed; throws if curl or bash complained. */
export async function pasteIntoBash(scripts: readonly string[], { cwd, env }: Where): Promise<string[]> {
  const boundary = '=== end of block'
  const bash = spawn('bash', ['--noprofile', '--norc'], { cwd, env })
  let printed = ''
  let complaints = ''
  bash.stdout.setEncoding('utf8').on('data', (chunk: string) => (printed += chunk))
  bash.stderr.setEncoding('utf8').on('data', (chunk: string) => (complaints += chunk))
  bash.stdin.end(scripts.map((script) => `${script}\necho '${boundary}'\n`).join(''))
  await once(bash, 'close')
  if (/curl:|bash:/.test(complaints)) throw new Error(complaints)
  return printed.split(`${boundary}\n`).slice(0, -1)
}
