import type { Command } from '../../harness/commands'
import { pasteIntoBash, type Where } from '../../harness/run-in-bash'
import { expectShown } from './expect-shown'

/** Pastes the commands of a document into one bash, and checks what each prints. Returns the outputs. */
export async function runCommands(commands: readonly Command[], where: Where): Promise<string[]> {
  const scripts = commands.map(({ script }) => script)
  const outputs = await pasteIntoBash(scripts, where)
  expect(outputs).toHaveLength(scripts.length)
  outputs.forEach((output, i) => {
    expectShown(output, commands[i]!)
  })
  return outputs
}
