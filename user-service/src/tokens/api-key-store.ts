import { createHash, randomBytes } from 'node:crypto'
import type { Caller } from '@tandem/chassis/http/caller'
import type { OwnCredential } from '@tandem/chassis/auth/identify'
import type { Queries, Transaction } from '@tandem/chassis/database/database'
import { timestamp, type System } from '@tandem/chassis/system'

/** 256 random bits: a key with that much entropy needs no slow hash. */
export function newApiKey(): string {
  return randomBytes(32).toString('base64url')
}

const scope = 'key'

/** For the chassis: API keys are accepted instead of tokens. */
export function apiKeys(queries: Queries): OwnCredential {
  return {
    scope,
    name: 'apiKey',
    description: 'An API key, which is shown once, when it is made.',
    findOwner: (apiKey) => findOwner(queries, apiKey),
  }
}

/** Returns the owner of the key: a user, or the admin. */
async function findOwner(queries: Queries, apiKey: string): Promise<Caller | undefined> {
  const row = await queries.get<{ subject: string }>('SELECT subject FROM api_keys WHERE hash = ?', hash(apiKey))
  return row && { id: row.subject, scopes: [row.subject === 'admin' ? 'admin' : 'user', scope] }
}

/** Replaces the subject's key; the old one stops working. */
export async function replaceApiKey(
  tx: Transaction,
  system: Pick<System, 'now'>,
  subject: string,
  apiKey: string,
): Promise<void> {
  await tx.run('DELETE FROM api_keys WHERE subject = ?', subject)
  await tx.run(
    'INSERT INTO api_keys (hash, subject, created_at) VALUES (?, ?, ?)',
    hash(apiKey),
    subject,
    timestamp(system),
  )
}

function hash(apiKey: string): string {
  return createHash('sha256').update(apiKey).digest('hex')
}

export async function deleteApiKeys(tx: Transaction, subject: string): Promise<void> {
  await tx.run('DELETE FROM api_keys WHERE subject = ?', subject)
}
