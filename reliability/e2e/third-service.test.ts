import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { commandsOf, filesOf } from '../harness/commands'
import { eventually } from '../harness/eventually'
import { environment, root } from '../harness/stack'

const port = 3202
const env = { ...environment, PORT: String(port), npm_config_offline: 'true', npm_config_audit: 'false' }

test('a third service, made from the files and commands of the docs, starts and responds', async () => {
  const files = filesOf('docs/start-your-own.md')
  expect([...files.keys()]).toHaveLength(9)
  const [prepare, start, asking] = commandsOf('docs/start-your-own.md', 'third-service').map(({ script }) => script)
  const folder = copyWhole()
  try {
    for (const [path, text] of files) write(join(folder, path), text)
    await bash(prepare!, folder) // rejects where the service's own test fails
    await bash('npm run build', folder)
    expect(existsSync(join(folder, 'greeting-service/dist/main.js'))).toBe(true)
    await expect(bash('npm test -- --selectProjects scripts -t greeting-service', folder)).rejects.toThrow(
      'docker-compose.yml: add greeting-service under services',
    )
    await failsAndEnds(folder)

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

/** The test of the service, with an expectation that does not hold: Jest fails, ends and leaves no folder behind. */
async function failsAndEnds(folder: string): Promise<void> {
  const test = join(folder, 'greeting-service/tests/greetings.test.ts')
  const text = readFileSync(test, 'utf8')
  const leftovers = mkdtempSync(join(folder, 'leftovers-'))
  try {
    for (const expectation of ['toBe(201)', 'toEqual(greeting)']) {
      expect(text).toContain(expectation)
      writeFileSync(test, text.replace(expectation, 'toBe(null)'))
      const jest = spawn(process.execPath, [join(folder, 'node_modules/jest/bin/jest.js')], {
        cwd: join(folder, 'greeting-service'),
        env: { ...env, TMPDIR: leftovers },
        stdio: 'ignore',
        timeout: 60_000,
        killSignal: 'SIGKILL',
      })
      expect(await once(jest, 'close')).toEqual([1, null]) // code and signal: it was not killed
      expect(readdirSync(leftovers).filter((name) => name.startsWith('greeting-service-'))).toEqual([])
    }
  } finally {
    writeFileSync(test, text)
  }
}

/** The repository as after `npm ci`, with packages of its own: npm changes them. */
function copyWhole(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-e2e-'))
  for (const name of readdirSync(root).filter((it) => !/^(\.git|data|backup)$/.test(it))) {
    cpSync(join(root, name), join(folder, name), { recursive: true, preserveTimestamps: true, verbatimSymlinks: true })
  }
  return folder
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

/** Returns what the commands printed; rejects with what went to stderr if one fails. */
async function bash(script: string, cwd: string): Promise<string> {
  const { stdout } = await promisify(execFile)('bash', ['-e', '-c', script], { cwd, env, maxBuffer: 2 ** 24 })
  return stdout
}
