import type { JWK } from 'jose'
import type { Queries, Transaction } from '../database/database'
import { timestamp, type System } from '../system'

/** Lets one process at a time add a key. */
export async function lockSigningKeys(tx: Transaction): Promise<void> {
  if (tx.isConcurrent) await tx.run('LOCK TABLE signing_keys IN EXCLUSIVE MODE')
}

export interface StoredKey {
  kid: string
  privateJwk: JWK
  /** In milliseconds since the epoch. */
  madeAt: number
}

/** The private keys of this service, oldest first. */
export async function listSigningKeys(queries: Queries): Promise<StoredKey[]> {
  const rows = await queries.all<{ kid: string; private_jwk: string; created_at: string }>(
    'SELECT kid, private_jwk, created_at FROM signing_keys ORDER BY created_at, kid',
  )
  return rows.map(({ kid, private_jwk, created_at }) => ({
    kid,
    privateJwk: JSON.parse(private_jwk) as JWK, // our own row
    madeAt: Date.parse(created_at),
  }))
}

export async function deleteSigningKey(tx: Transaction, kid: string): Promise<void> {
  await tx.run('DELETE FROM signing_keys WHERE kid = ?', kid)
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
