import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { commandsOf, documentText } from '../../harness/commands'
import { eventually } from '../../harness/eventually'
import { runInBash } from '../../harness/run-in-bash'
import { environment } from '../../harness/stack'
import { withWholeCopy } from '../../harness/whole-copy'
import { expectShown } from '../support/expect-shown'

const page = 'docs/start-your-own.md'
const port = 3202
const env = { ...environment, PORT: String(port), npm_config_offline: 'true', npm_config_audit: 'false' }
const lists = 'npm test -- --selectProjects scripts -t "invoices is in every list"'

test('a new service is tested, starts, and is in every list, as the docs show', async () => {
  const [make, prepare, start, ask] = commandsOf(page, 'new-service')
  await withWholeCopy(async (folder) => {
    const where = { cwd: folder, env }
    expectShown(await runInBash(make!.script, where), make!)
    await runInBash(prepare!.script, where) // throws if the service's own test fails
    await runInBash('npx tsc && npx eslint invoices && npx prettier --check invoices', where)

    const service = spawn('bash', ['-c', start!.script], { ...where, detached: true, stdio: 'ignore' })
    const ended = once(service, 'close')
    try {
      await eventually(60_000, 'the new service responds', () =>
        fetch(`http://127.0.0.1:${port}/health`).then(
          ({ ok }) => ok || undefined,
          () => undefined,
        ),
      )
      expectShown(await runInBash(ask!.script, where), ask!)
    } finally {
      process.kill(-service.pid!, 'SIGINT') // what a terminal does on Ctrl-C
      await ended
    }

    await failsAndEnds(folder)
    await expect(runInBash(lists, where)).rejects.toThrow('docker-compose.yml: add invoices under services')
    for (const diff of diffsOf(page)) applyTo(folder, diff)
    rmSync(join(folder, 'invoices/compose.yml'))
    await runInBash(lists, where)
    await runInBash('docker compose config --quiet && npx prettier --check scripts docker-compose.yml', where)
  })
}, 600_000)

/** The test of the service, with an expectation that does not hold: Jest fails, ends and leaves no folder behind. */
async function failsAndEnds(folder: string): Promise<void> {
  const test = join(folder, 'invoices/tests/greetings.test.ts')
  const text = readFileSync(test, 'utf8')
  const leftovers = mkdtempSync(join(folder, 'leftovers-'))
  expect(text).toContain('toBe(201)')
  writeFileSync(test, text.replace('toBe(201)', 'toBe(200)'))
  const jest = spawn(process.execPath, [join(folder, 'node_modules/jest/bin/jest.js')], {
    cwd: join(folder, 'invoices'),
    env: { ...env, TMPDIR: leftovers },
    stdio: 'ignore',
    timeout: 60_000,
    killSignal: 'SIGKILL',
  })
  expect(await once(jest, 'close')).toEqual([1, null]) // code and signal: it was not killed
  expect(readdirSync(leftovers).filter((name) => name.startsWith('tandem-test-'))).toEqual([])
  writeFileSync(test, text)
}

function diffsOf(document: string): string[] {
  return [...documentText(document).matchAll(/^```diff\n(.*?)^```$/gms)].map(([, diff]) => diff!)
}

/** Changes the one file of the lists that has the lines which the diff begins from. */
function applyTo(folder: string, diff: string): void {
  const lines = diff.split('\n').slice(0, -1)
  const side = (mark: string) =>
    lines.filter((line) => [' ', mark, ''].includes(line.slice(0, 1))).map((line) => `${line.slice(1)}\n`)
  const [before, after] = [side('-').join(''), side('+').join('')]
  const file = ['docker-compose.yml', 'gateway/Caddyfile', 'scripts/start.mjs']
    .map((name) => join(folder, name))
    .find((it) => readFileSync(it, 'utf8').includes(before))
  if (file === undefined) throw new Error(`no file has the lines\n${before}`)
  writeFileSync(
    file,
    readFileSync(file, 'utf8').replace(before, () => after),
  )
}
