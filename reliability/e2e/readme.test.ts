import { commandsOf } from '../harness/commands'
import { composeStack, root } from '../harness/compose-stack'
import { runInBash } from '../harness/run-in-bash'
import { expectShown } from './support/expect-shown'

const stack = composeStack({
  project: 'tandem-e2e-readme',
  ports: { 'user-service': 3110, 'order-service': 3111, gateway: 3112 },
})
const where = { cwd: root, env: stack.environment }

afterAll(() => stack.removeStack())

test('the README starts Tandem, shows what the demo prints, stops, and removes everything', async () => {
  const [start, key, demo, stop, remove] = commandsOf('README.md', 'run')

  await runInBash(start!.script, where)
  expect((await runInBash(key!.script, where)).trim()).toMatch(/^[\w-]{43}$/)
  expectShown(await runInBash(demo!.script, where), demo!)
  expect(await stack.rowsOf('user-service', 'SELECT email FROM users')).toEqual([])
  expect(await runInBash('npm run --silent audit', where)).toMatch(/^0 findings in /)

  await runInBash(stop!.script, where)
  for (const service of ['gateway', 'user-service', 'order-service'] as const) {
    expect((await stack.inspect(service)).State).toMatchObject({ Running: false, ExitCode: 0 })
  }
  await runInBash(remove!.script, where)
  const ours = `label=com.docker.compose.project=${stack.project}`
  for (const what of ['container', 'volume', 'network', 'image']) {
    const all = what === 'container' ? ['--all'] : []
    expect(await stack.docker(what, 'ls', '--quiet', ...all, '--filter', ours)).toBe('')
  }
})
