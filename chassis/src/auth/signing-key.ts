import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, SignJWT, type CryptoKey, type JWK } from 'jose'
import type { System } from '../system'

export const algorithm = 'EdDSA'

/** Token lifetimes: no service accepts a token that lives longer. */
export const tokenSeconds = { access: 900, service: 300 }

export interface SigningKey {
  kid: string
  privateKey: CryptoKey
  publicKey: CryptoKey
  publicJwk: JWK
}

export async function newPrivateJwk(): Promise<JWK & { kid: string }> {
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true })
  const jwk = await exportJWK(privateKey)
  return { ...jwk, kid: await calculateJwkThumbprint(jwk) } // RFC 7638
}

export async function importSigningKey(jwk: JWK): Promise<SigningKey> {
  const { kty, crv, x, kid = await calculateJwkThumbprint(jwk) } = jwk
  const publicJwk = { kty, crv, x, kid, alg: algorithm, use: 'sig' } as JWK // crv and x are there in an OKP key
  return { kid, privateKey: await importKey(jwk), publicKey: await importKey(publicJwk), publicJwk }
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
