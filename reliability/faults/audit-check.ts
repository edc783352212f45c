import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../harness/compose-project'
import type { RunningStack } from '../harness/running-stack'
import type { Check } from './fault'
import { newFolder } from './folders'
import type { Journal } from './load/journal'

const command = ['-C', 'development', '-r', 'ts-node/register/transpile-only', 'reliability/audit/main.ts']
const maxMs = 180_000

/** Whether `npm run audit` finds nothing, given what the callers were promised. */
export async function auditCheck(stack: RunningStack, journal: Journal): Promise<Check> {
  const { clean, printed } = await runAudit(stack, journal)
  process.stderr.write(`${printed.join('\n')}\n`)
  const [findings = 'no result'] = /^\d+ findings?/.exec(printed.at(-1) ?? '') ?? []
  const acknowledged = new Set(journal.lines.map((line) => `${line.kind} ${'id' in line ? line.id : line.userId}`))
  return { message: `audit: ${findings}`, holds: clean, noneOf: acknowledged.size }
}

/** What `npm run audit` prints of this stack, given what the callers were promised. */
export async function runAudit(
  { environment, auditOptions }: RunningStack,
  { lines }: Pick<Journal, 'lines'>,
): Promise<{ clean: boolean; printed: string[] }> {
  const folder = newFolder()
  const file = join(folder, 'journal.jsonl')
  writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  try {
    const args = [...command, ...auditOptions, '--settled', '--acknowledged', file]
    const audit = spawn(process.execPath, args, {
      cwd: root,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: maxMs,
    })
    let printed = ''
    for (const output of [audit.stdout, audit.stderr]) {
      output.setEncoding('utf8').on('data', (chunk: string) => (printed += chunk))
    }
    const [code] = (await once(audit, 'close')) as [number | null] // as the event says
    return { clean: code === 0, printed: printed.trim().split('\n') }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
