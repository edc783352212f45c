import { z } from 'zod'
import { ok } from '../http/response'
import { route, type Route } from '../http/route'
import type { SigningKey } from './signing-key'

const Ed25519PublicKey = z.strictObject({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string(),
  kid: z.string(),
  alg: z.literal('EdDSA'),
  use: z.literal('sig'),
})

export function jwksRoute({ publicJwk }: SigningKey): Route {
  return route({
    method: 'get',
    path: '/.well-known/jwks.json',
    summary: 'The public keys of this service (RFC 7517)',
    who: 'anyone',
    always: true,
    anyOrigin: true,
    responses: { 200: z.strictObject({ keys: z.array(Ed25519PublicKey) }) },
    handle: () => ok({ keys: [publicJwk] }),
  })
}
