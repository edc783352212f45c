import { askPort } from '../../harness/ask'
import type { ComposeStack, ServiceName } from '../../harness/compose-stack'
import { eventually } from '../../harness/eventually'

export async function isReady({ ports }: ComposeStack, service: ServiceName): Promise<boolean> {
  const answer = await askPort(ports[service], { path: '/health/ready' }, 500).catch(() => undefined)
  return answer?.status === 200
}

/** Asks until it is. */
export async function whenReady(stack: ComposeStack, service: ServiceName, withinMs = 30_000): Promise<void> {
  await eventually(withinMs, `${service} is ready`, async () => (await isReady(stack, service)) || undefined)
}
