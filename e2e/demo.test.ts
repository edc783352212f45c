import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { eventually } from './support/eventually'
import { copyRepository, npmEnvironment, NpmStart } from './support/npm-start'
import { environment, root, rowsOf, startStack } from './support/stack'

const emails = 'SELECT email FROM users ORDER BY id'

test('npm run demo shows an order settle under Compose, and leaves no user behind', async () => {
  await startStack()
  const before = await rowsOf('user-service', emails)

  const demo = await runDemo(root, environment).ends()

  expectWholeStory(demo, '$ docker compose stop user-service')
  expect(await rowsOf('user-service', emails)).toEqual(before)
})

test('npm run demo does the same under npm start, and cleans up after a Ctrl-C too', async () => {
  const repository = copyRepository()
  const npm = new NpmStart(repository.folder)
  const users = () => new DatabaseSync(join(repository.folder, 'data/user-service.db'), { readOnly: true })
  try {
    await npm.prints('ready: ')
    expectWholeStory(await runDemo(repository.folder, npmEnvironment).ends(), '$ kill -STOP ')
    expect(users().prepare(emails).all()).toEqual([])

    const interrupted = runDemo(repository.folder, npmEnvironment)
    await eventually(20_000, 'user-service is stopped', async () => interrupted.prints('no answer') || undefined)
    interrupted.interrupt()
    const { complaints, printed } = await interrupted.ends()
    expect(complaints).toContain('demo: interrupted\n')
    expect(printed).toContain('The user is gone')
    expect(printed).not.toContain('That was all')
    expect(users().prepare(emails).all()).toEqual([])
  } finally {
    await npm.interrupt()
    repository.remove()
  }
})

test('npm run demo is one clear line and exit code 1 where nothing runs', async () => {
  const nowhere = { ...environment, USER_SERVICE_PORT: '3290', ORDER_SERVICE_PORT: '3291' }
  const { code, printed, complaints } = await runDemo(root, nowhere).ends()
  expect({ code, printed }).toEqual({ code: 1, printed: '' })
  expect(complaints).toMatch(
    /^demo: no user-service at http:\/\/127\.0\.0\.1:3290: nothing answers\. Start it with .*\n$/m,
  )
})

interface Ended {
  code: number | null
  printed: string
  complaints: string
}

function expectWholeStory({ code, printed, complaints }: Ended, stopping: string): void {
  expect({ code, complaints: withoutNpm(complaints) }).toEqual({ code: 0, complaints: '' })
  const story = [
    '  201\n',
    'creditCents: 100000\n',
    'status: confirmed\n',
    'status: cancelled\n',
    stopping,
    'no answer\n',
    '  202\n',
    'status: pending\n',
    'Idempotent-Replayed: true\n',
    'status: confirmed\n',
    'creditCents: 95001\n',
    'The user is gone',
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

function runDemo(folder: string, env: NodeJS.ProcessEnv) {
  // A group of its own, as a terminal gives to what it starts.
  const npm = spawn('npm', ['run', '--silent', 'demo'], {
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
