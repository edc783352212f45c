import { ok } from '../http/answer'
import { route, type Route } from '../http/route'
import type { SigningKey } from './signing-key'

export function jwksRoute({ publicJwk }: SigningKey): Route {
  return route({
    method: 'get',
    path: '/.well-known/jwks.json',
    who: 'anyone',
    handle: () => ok({ keys: [publicJwk] }),
  })
}
