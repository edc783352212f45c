import {
  importSigningKey,
  newPrivateJwk,
  signToken,
  type SigningKey,
  type TokenClaims,
} from '@tandem/chassis/auth/signing-key'
import type { SigningKeys } from '@tandem/chassis/auth/signing-keys'
import type { System } from '@tandem/chassis/system'

/** A key pair of its own, made as a service makes it. */
export async function newSigningKey(): Promise<SigningKey> {
  return importSigningKey(await newPrivateJwk())
}

/** A service that has one key. */
export function onlyKey(key: SigningKey): SigningKeys {
  return { signing: key, published: [key] }
}

export function userToken(key: SigningKey, system: System, claims: Partial<TokenClaims> = {}): Promise<string> {
  return signToken(key, system, {
    issuer: 'issuer',
    subject: 'ada',
    audience: ['here', 'there'],
    scope: 'user',
    lifetimeSeconds: 900,
    ...claims,
  })
}
