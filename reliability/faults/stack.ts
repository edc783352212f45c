import { spawnSync } from 'node:child_process'
import { root } from '../harness/compose-project'
import type { ComposeStack } from '../harness/compose-stack'
import type { RunningStack } from '../harness/running-stack'
import type { ScaleStack } from '../harness/scale-stack'

/** Of what is here now; and nothing is left of an earlier run. */
export async function buildImages(stack: ComposeStack | ScaleStack): Promise<void> {
  await stack.removeStack()
  await stack.compose('build')
}

/** Leaves the images to the next fault. */
export async function clear(stack: RunningStack): Promise<void> {
  await stack.compose('down', '--volumes', '--remove-orphans', '--timeout', '1')
}

/** For the end of the process, which waits for nothing. */
export function removeAtOnce({ environment }: RunningStack): void {
  const down = ['compose', 'down', '--volumes', '--remove-orphans', '--rmi', 'local', '--timeout', '1']
  spawnSync('docker', down, { cwd: root, env: environment })
}
