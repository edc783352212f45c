import { calculateJwkThumbprint, type CryptoKey } from 'jose'
import { z } from 'zod'
import { importKey } from './signing-key'
import type { SigningKeys } from './signing-keys'

export interface KeySet {
  has(kid: string): boolean
  /** Returns undefined if the issuer has no such key; throws `unavailable` if that cannot be determined now. */
  find(kid: string): Promise<CryptoKey | undefined>
}

const Ed25519Jwk = z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string(), kid: z.string() })
const Jwks = z.object({ keys: z.array(z.unknown()) })

/** Skips keys that are not Ed25519, or whose `kid` is not their thumbprint. */
export async function importKeys(document: unknown): Promise<Map<string, CryptoKey>> {
  const keys = new Map<string, CryptoKey>()
  for (const candidate of Jwks.parse(document).keys) {
    const { data: jwk } = Ed25519Jwk.safeParse(candidate)
    if (!jwk) continue
    if ((await calculateJwkThumbprint(jwk)) !== jwk.kid) continue // RFC 7638
    const key = await importKey(jwk).catch(() => undefined) // not on the curve: ignore it
    if (key) keys.set(jwk.kid, key)
  }
  return keys
}

/** For tokens that this service has signed itself. */
export function ownKeys(keys: Pick<SigningKeys, 'published'>): KeySet {
  const find = (kid: string) => keys.published.find((key) => key.kid === kid)
  return { has: (kid) => find(kid) !== undefined, find: async (kid) => find(kid)?.publicKey }
}
