import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { eventually } from '../harness/eventually'
import { copyRepository, npmEnvironment, NpmStart } from '../harness/npm-start'
import { environment, root } from '../harness/stack'

const emails = 'SELECT email FROM users ORDER BY id'

test('npm run demo shows an order settle under npm start, and deletes its user, even after a Ctrl-C', async () => {
  const repository = copyRepository()
  const npm = new NpmStart(repository.folder)
  const users = () => new DatabaseSync(join(repository.folder, 'data/user-service.db'), { readOnly: true })
  try {
    await npm.prints('ready: ')
    expectWholeStory(await runDemo(repository.folder, npmEnvironment).ends())
    expect(users().prepare(emails).all()).toEqual([])

    const { code, printed: told } = await runDemo(repository.folder, npmEnvironment, '--faults').ends()
    expect({ code, told }).toEqual({ code: 0, told: expect.stringContaining('lost: 0\n') })
    expect(users().prepare(emails).all()).toEqual([])

    const interrupted = runDemo(repository.folder, npmEnvironment)
    await eventually(20_000, 'user-service is stopped', async () => interrupted.prints('no response') || undefined)
    interrupted.interrupt()
    const { complaints, printed } = await interrupted.ends()
    expect(complaints).toContain('demo: interrupted\n')
    expect(printed).toContain('The user is deleted')
    expect(printed).not.toContain('Done. Cleaning up')
    expect(users().prepare(emails).all()).toEqual([])
  } finally {
    await npm.interrupt()
    repository.remove()
  }
})

test('npm run demo prints one clear line and exits with 1 if nothing runs', async () => {
  const nowhere = { ...environment, USER_SERVICE_PORT: '3290', ORDER_SERVICE_PORT: '3291' }
  const { code, printed, complaints } = await runDemo(root, nowhere).ends()
  expect({ code, printed }).toEqual({ code: 1, printed: '' })
  expect(complaints).toMatch(
    /^demo: no user-service at http:\/\/127\.0\.0\.1:3290: nothing responds\. Start it with .*\n$/m,
  )
})

test('npm run demo escapes control characters in responses', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-demo-'))
  writeFileSync(join(folder, 'main.js'), somethingThatAnswers)
  const child = spawn(process.execPath, [join(folder, 'main.js')], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const [ports] = (await once(child.stdout, 'data')) as [Buffer]
    const [USER_SERVICE_PORT, ORDER_SERVICE_PORT] = ports.toString().trim().split(' ')
    const there = { ...environment, USER_SERVICE_PORT, ORDER_SERVICE_PORT }
    const { code, printed, complaints } = await runDemo(root, there).ends()
    expect(code).toBe(1)
    expect(printed).toContain('  400 bad\\u001b[2J\n')
    expect(complaints).toContain('worse\\u001b]0;title\\u0007\n')
    expect(printed + complaints).not.toContain('\u001b')
  } finally {
    child.kill()
    rmSync(folder, { recursive: true })
  }
})

const somethingThatAnswers = `
  const { createServer } = require('node:http')
  const service = (name) => createServer((req, res) => {
    res.statusCode = req.method === 'GET' ? 200 : 400
    res.end(JSON.stringify({ service: name, code: 'bad\\u001b[2J', detail: 'worse\\u001b]0;title\\u0007' }))
  }).listen(0, '127.0.0.1')
  const all = [service('user-service'), service('order-service')]
  all[1].once('listening', () => console.log(...all.map((one) => one.address().port)))
`

interface Ended {
  code: number | null
  printed: string
  complaints: string
}

function expectWholeStory({ code, printed, complaints }: Ended): void {
  expect({ code, complaints: withoutNpm(complaints) }).toEqual({ code: 0, complaints: '' })
  const story = [
    '  201\n',
    'creditCents: 100000\n',
    'status: confirmed\n',
    'status: cancelled\n',
    '$ kill -STOP ',
    'no response\n',
    '  202\n',
    'status: pending\n',
    'Idempotent-Replayed: true\n',
    'status: confirmed\n',
    'creditCents: 95001\n',
    'The user is deleted',
  ]
  let from = 0
  for (const line of story) {
    expect({ line, from: printed.indexOf(line, from) }).not.toEqual({ line, from: -1 })
    from = printed.indexOf(line, from) + line.length
  }
}

function withoutNpm(complaints: string): string {
  return complaints.replace(/^npm .*\n/gm, '')
}

function runDemo(folder: string, env: NodeJS.ProcessEnv, ...args: string[]) {
  // A group of its own, as a terminal gives to what it starts.
  const npm = spawn('npm', ['run', '--silent', 'demo', '--', ...args], {
    cwd: folder,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = { printed: '', complaints: '' }
  npm.stdout.setEncoding('utf8').on('data', (chunk: string) => (said.printed += chunk))
  npm.stderr.setEncoding('utf8').on('data', (chunk: string) => (said.complaints += chunk))
  const closed = once(npm, 'close')
  return {
    prints: (text: string) => said.printed.includes(text),
    interrupt: () => process.kill(-npm.pid!, 'SIGINT'),
    ends: async (): Promise<Ended> => {
      await closed
      return { code: npm.exitCode, ...said }
    },
  }
}
