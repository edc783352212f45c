import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../harness/compose-stack'

const readme = readFileSync(join(root, 'README.md'), 'utf8')

/** The commands of the README, block by block, which use the folder `backup`. */
export const composeCommands = commandsOf('back-up')
export const npmCommands = commandsOf('back-up under npm start')

function commandsOf(name: string) {
  const [, section = ''] = new RegExp(`<!-- ${name} -->(.*)<!-- /${name} -->`, 's').exec(readme) ?? []
  const [backUpOrders = '', backUpUsers = '', restoreBoth = ''] = [...section.matchAll(/^```sh\n(.*?)^```$/gms)].map(
    ([, block]) => block,
  )
  return { backUpOrders, backUpUsers, restoreBoth }
}

/** Runs a block of commands. Answers what it printed; throws where one of them fails. */
export async function runInBash(block: string, { cwd, env }: { cwd: string; env: NodeJS.ProcessEnv }): Promise<string> {
  const bash = spawn('bash', ['-ec', block], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let printed = ''
  let complaints = ''
  bash.stdout.setEncoding('utf8').on('data', (chunk: string) => (printed += chunk))
  bash.stderr.setEncoding('utf8').on('data', (chunk: string) => (complaints += chunk))
  const [code] = (await once(bash, 'close')) as [number | null] // as the event says
  if (code !== 0) throw new Error(`exit code ${code} of\n${block}\n${complaints}${printed}`)
  return printed
}
