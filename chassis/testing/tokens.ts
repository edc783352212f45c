import { loadSigningKey, signToken, type SigningKey, type TokenClaims } from '@tandem/chassis/auth/signing-key'
import { chassisMigrations } from '@tandem/chassis/database/chassis-migrations'
import { realSystem, type System } from '@tandem/chassis/system'
import { temporaryDatabase } from './temporary'

/** A key pair of its own, made as a service makes it. */
export async function newSigningKey(): Promise<SigningKey> {
  return loadSigningKey(await temporaryDatabase(chassisMigrations), realSystem)
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
