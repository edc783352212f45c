import { commandsOf, type Command } from '../harness/commands'
import { copyRepository, npmEnvironment, NpmStart } from '../harness/npm-start'
import { environment, root, startStack } from '../harness/stack'
import { runCommands } from './support/run-commands'

test('the commands of the walk-through print what it shows, with Compose', async () => {
  await startStack()
  await walk(commandsOf('docs/walk-through.md', 'walk-through'), environment)
})

test('the commands of the walk-through print what it shows, with npm start', async () => {
  const repository = copyRepository()
  const npm = new NpmStart(repository.folder)
  try {
    await npm.prints('ready: ')
    const commands = commandsOf('docs/walk-through.md', 'walk-through', 'npm-start')
    expect(commands.map(({ script }) => script).join('')).not.toContain('docker')
    await walk(commands, npmEnvironment)
  } finally {
    await npm.interrupt()
    repository.remove()
  }
})

async function walk(commands: Command[], env: NodeJS.ProcessEnv): Promise<void> {
  const outputs = await runCommands(commands, { cwd: root, env })
  const [first, replayed] = outputs.filter((output) => output.startsWith('HTTP/1.1 202'))
  expect(idIn(replayed!)).toBe(idIn(first!))
}

function idIn(response: string): string {
  return /"id":"([^"]+)"/.exec(response)![1]!
}
