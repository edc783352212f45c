import { randomUUID } from 'node:crypto'
import type { composeProject } from '../../harness/compose-project'
import type { ServiceName } from '../../harness/compose-stack'

/** Runs a text of JavaScript as one more replica of a service: a container with its name in the network. */
export async function withUpstream(
  { docker, project, containersOf }: Pick<ReturnType<typeof composeProject>, 'docker' | 'project' | 'containersOf'>,
  service: ServiceName,
  script: string,
  use: () => Promise<void>,
): Promise<void> {
  const [replica] = await containersOf(service)
  const image = (await docker('inspect', '--format', '{{.Image}}', replica!)).trim()
  const name = `${project}-upstream-${randomUUID()}`
  const where = ['--network', `${project}_tandem`, '--network-alias', service, '--init']
  await docker('run', '--detach', '--rm', '--name', name, ...where, '--no-healthcheck', image, 'node', '-e', script)
  try {
    await use()
  } finally {
    await docker('rm', '--force', name)
  }
}
