import { commandsOf, type Command } from '../../harness/commands'

/** The commands of the walk-through, sent to the gateway. */
export function walkThroughGateway(): Command[] {
  const commands = commandsOf('docs/walk-through.md', 'walk-through').map((command) => ({
    ...command,
    script: command.script
      .replace(/^users=.*$/m, 'users=http://127.0.0.1:$GATEWAY_PORT/user-service')
      .replace(/^orders=.*$/m, 'orders=http://127.0.0.1:$GATEWAY_PORT/order-service'),
  }))
  expect(commands.filter(({ script }) => script.includes('$GATEWAY_PORT'))).toHaveLength(1)
  return commands
}
