import type { ComposeStack, ServiceName } from '../../harness/compose-stack'

/** A figure of `/metrics`. */
async function metric({ ports }: ComposeStack, service: ServiceName, name: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${ports[service]}/metrics`)).text()
  const [, value] = new RegExp(`^${name} (\\S+)$`, 'm').exec(text) ?? []
  if (value === undefined) throw new Error(`${service} has no metric ${name}`)
  return Number(value)
}

/** What the service's process has in memory, in MB. */
export async function memoryOf({ compose }: ComposeStack, service: ServiceName): Promise<number> {
  const status = await compose('exec', '-T', service, 'cat', '/proc/1/status')
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024
}

/** The 99th percentile of the delay of a service's event loop meanwhile, in milliseconds. */
export async function loopDelay(
  stack: ComposeStack,
  service: ServiceName,
  meanwhile: () => Promise<void>,
): Promise<number> {
  const name = 'nodejs_eventloop_lag_p99_seconds'
  await metric(stack, service, name) // it starts over each time that it is read
  await meanwhile()
  return 1000 * (await metric(stack, service, name))
}
