import { signUp } from '../harness/callers'
import { commandsOf } from '../harness/commands'
import { docker, environment, project, root, startStack } from '../harness/stack'
import { runCommands } from './support/run-commands'

const where = { cwd: root, env: environment }

beforeEach(startStack)

test.each(['admin-key', 'rotate-keys', 'gateway', 'metrics', 'audit'])(
  'the commands in the region %s of the docs print what they show',
  async (region) => {
    await signUp()
    await runCommands(commandsOf('docs/operating.md', region), where)
  },
)

test('in open mode an order can be placed without a token, as the docs show', async () => {
  await runCommands(commandsOf('docs/configuration.md', 'open-mode'), where)
})

test('a reset removes the data', async () => {
  await runCommands(commandsOf('docs/operating.md', 'reset'), where)
  expect(await docker('volume', 'ls', '--quiet', '--filter', `label=com.docker.compose.project=${project}`)).toBe('')
})
