import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { ComposeStack, ServiceName } from '../../harness/compose-stack'
import { newFolder } from '../folders'

const calls = ['fsync', 'fdatasync', 'pwrite64', 'write', 'writev', 'sendto', 'sendmsg']
const maxTextBytes = 8192 // in which a page of a database and an answer are whole

/** A call of the service's main thread, which does all that it does to its database and its sockets. */
export interface SystemCall {
  /** When it began, in milliseconds since the epoch. */
  at: number
  name: string
  /** What it was given, as strace writes it: with the path of the file, and the text as a string of C. */
  given: string
}

interface Trace {
  /** Answers the calls in their order. */
  stop: () => Promise<SystemCall[]>
  /** Stops where it has not, and leaves nothing of what was written down: tokens are in it. */
  remove: () => Promise<void>
}

/** Writes down the system calls of a service until it is told to stop. */
export async function traceCalls(stack: ComposeStack, service: ServiceName): Promise<Trace> {
  const pid = (await stack.docker('inspect', '--format', '{{.State.Pid}}', await stack.containerOf(service))).trim()
  const folder = newFolder()
  const file = join(folder, 'calls')
  const args = ['-ttt', '-y', '-s', String(maxTextBytes), '-e', `trace=${calls.join()}`, '-o', file, '-p', pid]
  const strace = spawn('strace', args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = once(strace, 'close')
  let said = ''
  const attached = new Promise<void>((resolve, reject) => {
    strace.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
      if (said.includes('attached')) resolve()
    })
    ended.then(() => reject(new Error(`this needs strace, a Docker engine on this machine, and root: ${said}`)), reject)
  })
  const end = async () => {
    strace.kill('SIGINT')
    await ended
  }
  const remove = async () => {
    await end().catch(() => undefined) // it never began
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await attached
  } catch (error) {
    await remove()
    throw error
  }
  const stop = async () => {
    await end()
    return readFileSync(file, 'utf8').split('\n').flatMap(callIn)
  }
  return { stop, remove }
}

function callIn(line: string): SystemCall[] {
  const [, at, name = '', given = ''] = /^(\S+) (\w+)\((.*)$/.exec(line) ?? []
  return at === undefined ? [] : [{ at: Number(at) * 1000, name, given }]
}
