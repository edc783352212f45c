import { spawnSync } from 'node:child_process'
import { compose, removeStack } from '../../harness/stack'

/** Before all tests: an engine that answers, nothing left of an earlier run, and images of what is here now. */
export default async function setUp(): Promise<void> {
  if (spawnSync('docker', ['info'], { stdio: 'ignore' }).status !== 0) {
    console.error('e2e: these tests need a running Docker engine with Compose v2, and `docker info` fails')
    process.exit(1) // an exception would be shown with its stack
  }
  await removeStack()
  await compose('build')
}
