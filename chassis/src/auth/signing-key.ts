import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, SignJWT, type CryptoKey, type JWK } from 'jose'
import type { Database } from '../database/database'
import { timestamp, type System } from '../system'

export const algorithm = 'EdDSA'

/** Token lifetimes: no service accepts a token that lives longer. */
export const tokenSeconds = { access: 900, service: 300 }

export interface SigningKey {
  kid: string
  privateKey: CryptoKey
  publicJwk: JWK
}

export async function loadSigningKey(database: Database, system: System): Promise<SigningKey> {
  const fresh = await newPrivateJwk()
  const privateJwk = await database.write(async (tx) => {
    const kept = await tx.get<{ private_jwk: string }>(
      'SELECT private_jwk FROM signing_keys ORDER BY created_at LIMIT 1',
    )
    if (kept) return JSON.parse(kept.private_jwk) as JWK // our own row
    await tx.run(
      'INSERT INTO signing_keys (kid, private_jwk, created_at) VALUES (?, ?, ?)',
      fresh.kid,
      JSON.stringify(fresh),
      timestamp(system),
    )
    return fresh
  })
  return importSigningKey(privateJwk)
}

async function newPrivateJwk(): Promise<JWK & { kid: string }> {
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true })
  const jwk = await exportJWK(privateKey)
  return { ...jwk, kid: await calculateJwkThumbprint(jwk) } // RFC 7638
}

async function importSigningKey(jwk: JWK): Promise<SigningKey> {
  const { kty, crv, x, kid = await calculateJwkThumbprint(jwk) } = jwk
  const privateKey = await importKey(jwk)
  const publicJwk = { kty, crv, x, kid, alg: algorithm, use: 'sig' } as JWK // crv and x are there in an OKP key
  return { kid, privateKey, publicJwk }
}

export async function importKey(jwk: JWK): Promise<CryptoKey> {
  const key = await importJWK(jwk, algorithm)
  if (key instanceof Uint8Array) throw new TypeError('not an Ed25519 key')
  return key
}

export interface TokenClaims {
  issuer: string
  subject: string
  audience: readonly string[]
  scope: string
  lifetimeSeconds: number
}

/** Signs a JWT access token (RFC 9068). */
export async function signToken(
  key: SigningKey,
  system: Pick<System, 'now' | 'newId'>,
  { issuer, subject, audience, scope, lifetimeSeconds }: TokenClaims,
): Promise<string> {
  const now = Math.floor(system.now() / 1000)
  return new SignJWT({ scope })
    .setProtectedHeader({ alg: algorithm, typ: 'at+jwt', kid: key.kid })
    .setIssuer(issuer)
    .setSubject(subject)
    .setAudience([...audience])
    .setIssuedAt(now)
    .setExpirationTime(now + lifetimeSeconds)
    .setJti(system.newId())
    .sign(key.privateKey)
}
