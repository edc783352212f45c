import { z } from 'zod'
import { ok } from '../http/response'
import { route, type Route } from '../http/route'
import type { SigningKeys } from './signing-keys'

const Ed25519PublicKey = z.strictObject({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string(),
  kid: z.string(),
  alg: z.literal('EdDSA'),
  use: z.literal('sig'),
})
const KeySet = z.strictObject({ keys: z.array(Ed25519PublicKey) }).meta({
  id: 'KeySet',
  examples: [
    {
      keys: [
        {
          kty: 'OKP',
          crv: 'Ed25519',
          x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
          kid: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
          alg: 'EdDSA',
          use: 'sig',
        },
      ],
    },
  ],
})

export function jwksRoute(keys: Pick<SigningKeys, 'published'>): Route {
  return route({
    method: 'get',
    path: '/.well-known/jwks.json',
    operationId: 'getKeys',
    tag: 'service',
    summary: 'Get the public keys of this service (RFC 7517)',
    who: 'anyone',
    always: true,
    anyOrigin: true,
    responses: { 200: KeySet },
    handle: () => ok({ keys: keys.published.map(({ publicJwk }) => publicJwk) }),
  })
}
