import { commandsOf } from '../../harness/commands'
import { composeStack, root } from '../../harness/compose-stack'
import { runCommands } from '../support/run-commands'

const stack = composeStack({
  project: 'tandem-e2e-greeting',
  ports: { 'user-service': 3110, 'order-service': 3111, gateway: 3113 },
  files: ['examples/greeting-service/compose.yml'],
  variables: { GREETING_SERVICE_PORT: '3112' },
})

afterEach(stack.removeStack)

test('the greeting service greets beside the other two, as the docs show', async () => {
  await runCommands(commandsOf('docs/start-your-own.md', 'greeting-service'), { cwd: root, env: stack.environment })
}, 600_000)
