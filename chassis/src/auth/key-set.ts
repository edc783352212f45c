import { calculateJwkThumbprint, type CryptoKey } from 'jose'
import { z } from 'zod'
import { importKey, type SigningKey } from './signing-key'

/** The public keys of one issuer. */
export interface KeySet {
  /** Whether the issuer has this key, as far as is known now. */
  has(kid: string): boolean
  /** Answers undefined where the issuer has no such key; throws `unavailable` where that cannot be known just now. */
  find(kid: string): CryptoKey | undefined | Promise<CryptoKey | undefined>
}

const Ed25519Jwk = z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string(), kid: z.string() })
const Jwks = z.object({ keys: z.array(z.unknown()) })

/** The Ed25519 keys in a JWKS document; keys of other kinds, or whose `kid` is not their thumbprint, are passed over. */
export async function importKeys(document: unknown): Promise<Map<string, CryptoKey>> {
  const keys = new Map<string, CryptoKey>()
  for (const candidate of Jwks.parse(document).keys) {
    const { data: jwk } = Ed25519Jwk.safeParse(candidate)
    if (!jwk) continue
    if ((await calculateJwkThumbprint(jwk)) !== jwk.kid) continue // RFC 7638
    const key = await importKey(jwk).catch(() => undefined) // not on the curve: as good as no key
    if (key) keys.set(jwk.kid, key)
  }
  return keys
}

/** A service's own keys, which need no fetching. */
export async function ownKeys({ publicJwk }: SigningKey): Promise<KeySet> {
  const keys = await importKeys({ keys: [publicJwk] })
  return { has: (kid) => keys.has(kid), find: (kid) => keys.get(kid) }
}
