import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { environment, root, type ServiceName } from '../../harness/stack'

const readme = readFileSync(join(root, 'README.md'), 'utf8')
const section = /<!-- walk-through -->(.*)<!-- \/walk-through -->/s.exec(readme)?.[1] ?? ''

/** The commands of the README's walk-through, block by block, as they are written there. */
export const walkThrough = [...section.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block!)

/** The same as the README has it for `npm start`, which freezes user-service and wakes it. */
export function withoutDocker(blocks: string[]): string[] {
  const [freeze, wake] = [...section.matchAll(/With `npm start` use `(.+?)` instead/g)].map(([, command]) => command!)
  return blocks.map((block) =>
    block
      .replace('docker compose stop user-service', () => freeze!)
      .replace('docker compose start user-service', () => wake!),
  )
}

/** The same at other ports. */
export function atPorts(ports: Record<ServiceName, number>, blocks: string[]): string[] {
  return blocks.map((block) =>
    block.replace(/:300([01])\b/g, (_, last) => `:${ports[last === '0' ? 'user-service' : 'order-service']}`),
  )
}

/** Gives a bash the blocks to read, line by line as from a terminal. Answers what each block printed, and all complaints. */
export async function runInBash(blocks: string[]): Promise<{ printed: string[]; complaints: string }> {
  const boundary = '=== end of block'
  const bash = spawn('bash', ['--noprofile', '--norc'], { cwd: root, env: environment })
  let output = ''
  let complaints = ''
  bash.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
  bash.stderr.setEncoding('utf8').on('data', (chunk: string) => (complaints += chunk))
  bash.stdin.end(blocks.map((block) => `${block}\necho '${boundary}'\n`).join(''))
  await new Promise((resolve) => bash.on('close', resolve))
  return { printed: output.split(`${boundary}\n`).slice(0, -1), complaints }
}
