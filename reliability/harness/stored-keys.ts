import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import type { JWK } from 'jose'
import { importSigningKey, signToken, type SigningKey } from '../../chassis/src/auth/signing-key'
import { realSystem } from '../../chassis/src/system'
import type { ServiceName } from './service-processes'

/** The key that a service which was started here signs with, out of its database: no request can get it. */
export async function signingKeyOf(folder: string, service: ServiceName): Promise<SigningKey> {
  const database = new DatabaseSync(join(folder, `${service}.db`), { readOnly: true })
  const row = database.prepare('SELECT private_jwk FROM signing_keys').get() as { private_jwk: string }
  database.close()
  return importSigningKey(JSON.parse(row.private_jwk) as JWK)
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
