import type { JWK } from 'jose'
import { eventually, pause } from '../harness/eventually'
import type { ServiceName } from '../harness/service-processes'
import type { Tandem } from '../harness/tandem'
import { ask } from './ask'

/** In which a service reads its keys again. */
const rereadMs = 1_500

interface Given {
  tandem: Tandem
  service: ServiceName
  /** That the other service is made to publish for a while. */
  jwk: JWK & { kid: string }
  broken: Readonly<Record<string, string>>
}

/** A key that its issuer published and used, and that its issuer then withdrew. */
export async function useAndWithdraw({ tandem, service, jwk, broken }: Given): Promise<void> {
  const issuer = service === 'user-service' ? 'order-service' : 'user-service'
  const path = service === 'user-service' ? '/events' : '/orders'
  const asking = (name: string) => ask(tandem.at[service], 'GET', { path, headers: {}, body: undefined }, broken[name])
  const madeAt = new Date().toISOString()
  await tandem.change(issuer, `INSERT INTO signing_keys VALUES ('${jwk.kid}', '${JSON.stringify(jwk)}', '${madeAt}')`)
  await eventually(
    10_000,
    'the new key is accepted',
    async () => (await asking('a withdrawn key')).status === 200 || undefined,
  )
  await tandem.change(issuer, `DELETE FROM signing_keys WHERE kid = '${jwk.kid}'`)
  await pause(rereadMs)
  return askUntilFetched(asking)
}

/** Keys are fetched for an unknown one, at most once a second. */
async function askUntilFetched(asking: (name: string) => Promise<{ status: number }>): Promise<void> {
  for (let i = 0; i < 25; i += 1) {
    // Several at once, for each replica to get one.
    await Promise.all(Array.from({ length: 6 }, () => asking('an unknown key of this issuer')))
    await pause(100)
  }
}
