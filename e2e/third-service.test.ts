import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { eventually } from './support/eventually'
import { environment, root } from './support/stack'
import { commands, files } from './support/third-service'

const port = 3202
const env = { ...environment, PORT: String(port), npm_config_offline: 'true', npm_config_audit: 'false' }

test('a third service starts and answers, made of the files and the commands of the README', async () => {
  expect([...files.keys()]).toHaveLength(9)
  const [prepare, start, asking] = commands
  const folder = copyWhole()
  try {
    for (const [path, text] of files) write(join(folder, path), text)
    await bash(prepare!, folder) // rejects where the service's own test fails

    const service = spawn('bash', ['-c', start!], { cwd: folder, env, detached: true, stdio: 'ignore' })
    const ended = once(service, 'close')
    try {
      await eventually(60_000, 'the third service answers', () =>
        fetch(`http://127.0.0.1:${port}/health`).then(
          ({ ok }) => ok || undefined,
          () => undefined,
        ),
      )
      const answers: string[] = []
      for (const line of asking!.trim().split('\n')) answers.push(await bash(line.replace(':3002', `:${port}`), folder))
      const [left, health, openApi, metrics] = answers
      expect(left).toMatch(/^HTTP\/1\.1 201 .*^Location: \/greetings\/[0-9a-f-]{36}\r$.*"words":"Good morning"/ms)
      expect(JSON.parse(health!)).toMatchObject({ status: 'ok', service: 'greeting-service', version: '0.1.0' })
      expect(Object.keys(JSON.parse(openApi!).paths)).toEqual(
        expect.arrayContaining(['/greetings', '/greetings/{id}', '/health', '/metrics']),
      )
      expect(metrics).toMatch(
        /^http_request_duration_seconds_count\{method="POST",route="\/greetings",status="201"\} 1$/m,
      )
      const location = /^Location: (.*)\r$/m.exec(left!)![1]!
      const found = await fetch(`http://127.0.0.1:${port}${location}`)
      expect(await found.json()).toMatchObject({ words: 'Good morning' })
    } finally {
      process.kill(-service.pid!, 'SIGINT') // what a terminal does on Ctrl-C
      await ended
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
})

/** The repository as after `npm ci`, with packages of its own: npm changes them. */
function copyWhole(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-e2e-'))
  const wanted =
    /^(package(-lock)?\.json|\.npmrc|tsconfig\.json|jest\..*|node_modules|chassis|user-service|order-service|examples)$/
  for (const name of readdirSync(root).filter((it) => wanted.test(it))) {
    cpSync(join(root, name), join(folder, name), { recursive: true, preserveTimestamps: true, verbatimSymlinks: true })
  }
  return folder
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

/** Answers what the commands printed; rejects with all that they printed where one fails. */
async function bash(script: string, cwd: string): Promise<string> {
  const { stdout } = await promisify(execFile)('bash', ['-e', '-c', script], { cwd, env, maxBuffer: 2 ** 24 })
  return stdout
}
