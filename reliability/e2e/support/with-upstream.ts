import { randomUUID } from 'node:crypto'
import { containerOf, docker, project, type ServiceName } from '../../harness/stack'

/** Runs a text of JavaScript as one more replica of a service: a container with its name in the network. */
export async function withUpstream(service: ServiceName, script: string, use: () => Promise<void>): Promise<void> {
  const image = (await docker('inspect', '--format', '{{.Image}}', await containerOf(service))).trim()
  const name = `${project}-upstream-${randomUUID()}`
  const where = ['--network', `${project}_tandem`, '--network-alias', service, '--init']
  await docker('run', '--detach', '--rm', '--name', name, ...where, '--no-healthcheck', image, 'node', '-e', script)
  try {
    await use()
  } finally {
    await docker('rm', '--force', name)
  }
}
