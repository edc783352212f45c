import type { JWK } from 'jose'
import type { Queries, Transaction } from '../database/database'
import { timestamp, type System } from '../system'

/** Of several first starts at once, one makes the key. */
export async function lockSigningKeys(tx: Transaction): Promise<void> {
  if (tx.isConcurrent) await tx.run('LOCK TABLE signing_keys IN EXCLUSIVE MODE')
}

/** The private key that this service signs with. */
export async function findSigningKey(queries: Queries): Promise<JWK | undefined> {
  const row = await queries.get<{ private_jwk: string }>(
    'SELECT private_jwk FROM signing_keys ORDER BY created_at LIMIT 1',
  )
  return row && (JSON.parse(row.private_jwk) as JWK) // our own row
}

export async function insertSigningKey(
  tx: Transaction,
  system: Pick<System, 'now'>,
  jwk: JWK & { kid: string },
): Promise<void> {
  await tx.run(
    'INSERT INTO signing_keys (kid, private_jwk, created_at) VALUES (?, ?, ?)',
    jwk.kid,
    JSON.stringify(jwk),
    timestamp(system),
  )
}

/** The last good JWK set of another service. */
export async function findTrustedKeys(queries: Queries, issuer: string): Promise<string | undefined> {
  const row = await queries.get<{ jwks: string }>('SELECT jwks FROM trusted_key_sets WHERE issuer = ?', issuer)
  return row?.jwks
}

export async function storeTrustedKeys(
  tx: Transaction,
  system: Pick<System, 'now'>,
  { issuer, jwks }: { issuer: string; jwks: string },
): Promise<void> {
  await tx.run(
    `INSERT INTO trusted_key_sets (issuer, jwks, fetched_at) VALUES (?, ?, ?)
     ON CONFLICT (issuer) DO UPDATE SET jwks = excluded.jwks, fetched_at = excluded.fetched_at`,
    issuer,
    jwks,
    timestamp(system),
  )
}
