import type { Client } from 'pg'
import type { Transaction } from '../database'

/** How long a lease lasts unless it is renewed. */
export const leaseMs = 3000
const expiry = `clock_timestamp() + interval '${leaseMs} milliseconds'`

/** Returns the number of the new term; undefined if somebody has the lease. */
export async function takeLease(client: Client, name: string, holder: string): Promise<number | undefined> {
  // By itself, the statement below would lock the row also if it is not to be taken, and so wait for its holder's writes.
  const held = 'SELECT 1 FROM leases WHERE name = $1 AND expires_at > clock_timestamp()'
  if ((await client.query(held, [name])).rows.length > 0) return undefined
  const { rows } = await client.query<{ term: string }>(
    `INSERT INTO leases (name, term, holder, expires_at) VALUES ($1, 1, $2, ${expiry})
     ON CONFLICT (name) DO UPDATE SET term = leases.term + 1, holder = excluded.holder, expires_at = ${expiry}
       WHERE leases.expires_at <= clock_timestamp()
     RETURNING term`,
    [name, holder],
  )
  return rows[0] && Number(rows[0].term)
}

/** Returns whether it is still this term. */
export async function renewLease(client: Client, name: string, term: number): Promise<boolean> {
  const renew = `UPDATE leases SET expires_at = ${expiry} WHERE name = $1 AND term = $2`
  return (await client.query(renew, [name, term])).rowCount === 1
}

export async function endLease(client: Client, name: string, term: number): Promise<void> {
  await client.query('UPDATE leases SET expires_at = clock_timestamp() WHERE name = $1 AND term = $2', [name, term])
}

/** Returns whether it is still this term. If so, it is until the end of the transaction. */
export async function lockTerm(tx: Transaction, name: string, term: number): Promise<boolean> {
  return (
    (await tx.get('SELECT 1 AS one FROM leases WHERE name = ? AND term = ? FOR KEY SHARE', name, term)) !== undefined
  )
}
