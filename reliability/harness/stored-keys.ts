import type { JWK } from 'jose'
import { importSigningKey, signToken, type SigningKey } from '../../chassis/src/auth/signing-key'
import { realSystem } from '../../chassis/src/system'
import type { ServiceName } from './service-processes'
import type { Tandem } from './tandem'

/** The key that a service signs with, out of its database: no request can get it. */
export async function signingKeyOf(tandem: Pick<Tandem, 'rowsOf'>, service: ServiceName): Promise<SigningKey> {
  return importSigningKey(await privateJwkOf(tandem, service))
}

export async function privateJwkOf({ rowsOf }: Pick<Tandem, 'rowsOf'>, service: ServiceName): Promise<JWK> {
  const [row] = await rowsOf<{ private_jwk: string }>(
    service,
    'SELECT private_jwk FROM signing_keys ORDER BY created_at',
  )
  if (row === undefined) throw new Error(`${service} has no signing key`)
  return JSON.parse(row.private_jwk) as JWK
}

export function serviceToken(key: SigningKey): Promise<string> {
  const name = 'order-service'
  return signToken(key, realSystem, {
    issuer: name,
    subject: name,
    audience: ['user-service'],
    scope: 'service',
    lifetimeSeconds: 300,
  })
}
