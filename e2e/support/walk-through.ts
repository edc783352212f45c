import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { environment, ports, root } from './stack'

/** The commands of the README's walk-through, block by block, as they are written there. */
export function walkThrough(): string[] {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const section = /<!-- walk-through -->(.*)<!-- \/walk-through -->/s.exec(readme)?.[1] ?? ''
  return [...section.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block!)
}

/** The same, with this stack's ports in the two addresses. */
export function atOurPorts(blocks: string[]): string[] {
  return blocks.map((block) =>
    block
      .replace('http://127.0.0.1:3000', `http://127.0.0.1:${ports['user-service']}`)
      .replace('http://127.0.0.1:3001', `http://127.0.0.1:${ports['order-service']}`),
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
