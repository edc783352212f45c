import { spawnSync } from 'node:child_process'
import { composeStack, root, type ComposeStack } from '../harness/compose-stack'
import type { Fault } from './fault'

const project = 'tandem-faults'
/** Neither the default ones nor those of the tests. */
const ports = { 'user-service': 3500, 'order-service': 3501, gateway: 3504 }

export function stackOf({ stack }: Pick<Fault, 'stack'>): ComposeStack {
  return composeStack({ project, ports, ...stack })
}

/** Of what is here now; and nothing is left of an earlier run. */
export async function buildImages(): Promise<void> {
  const stack = stackOf({})
  await stack.removeStack()
  await stack.compose('build')
}

/** Leaves the images to the next fault. */
export async function clear(stack: ComposeStack): Promise<void> {
  await stack.compose('down', '--volumes', '--remove-orphans', '--timeout', '1')
}

/** For the end of the process, which waits for nothing. */
export function removeAtOnce(): void {
  const { environment } = stackOf({})
  const down = ['compose', 'down', '--volumes', '--remove-orphans', '--rmi', 'local', '--timeout', '1']
  spawnSync('docker', down, { cwd: root, env: environment })
}
