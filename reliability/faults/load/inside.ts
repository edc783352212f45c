import type { ComposeStack, ServiceName } from '../../../e2e/support/compose-stack'

/** A figure of `/metrics`. The histogram of the event loop's delay starts over with each time that it is read. */
export async function metric({ ports }: ComposeStack, service: ServiceName, name: string): Promise<number> {
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
