import { eventually } from '../harness/eventually'
import type { ServiceName } from '../harness/service-processes'
import { ask } from './ask'
import type { KeyRelay } from './key-relay'

/** A key that its issuer published and used, and that its issuer then withdrew. */
export async function useAndWithdraw(
  service: ServiceName,
  port: number,
  relay: KeyRelay,
  key: KeyRelay['added'],
  broken: Readonly<Record<string, string>>,
): Promise<void> {
  const path = service === 'user-service' ? '/events' : '/orders'
  const asking = (name: string) => ask(port, 'GET', { path, headers: {}, body: undefined }, broken[name])
  relay.added = key
  await eventually(
    10_000,
    'the new key is accepted',
    async () => (await asking('a withdrawn key')).status === 200 || undefined,
  )
  relay.added = undefined
  return askUntilFetched(asking)
}

/** Keys are fetched for an unknown one, at most once a second. */
async function askUntilFetched(asking: (name: string) => Promise<{ status: number }>): Promise<void> {
  for (let i = 0; i < 25; i += 1) {
    await asking('an unknown key of this issuer')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
