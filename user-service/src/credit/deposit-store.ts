import type { Transaction } from '@tandem/chassis/database/database'
import type { RequestKey } from '@tandem/chassis/http/idempotency-key'

export interface Deposit {
  id: string
  userId: string
  amountCents: number
  /** The credit after the deposit. */
  creditCents: number
  createdAt: string
}

interface DepositRow {
  id: string
  user_id: string
  amount_cents: number
  credit_cents: number
  created_at: string
}

export async function findDeposit(
  tx: Transaction,
  { callerId, idempotencyKey }: RequestKey,
): Promise<Deposit | undefined> {
  const row = await tx.get<DepositRow>(
    `SELECT id, user_id, amount_cents, credit_cents, created_at FROM deposits
     WHERE made_by = ? AND idempotency_key = ?`,
    callerId,
    idempotencyKey,
  )
  return row && toDeposit(row)
}

export async function insertDeposit(tx: Transaction, deposit: Deposit, key?: RequestKey): Promise<void> {
  await tx.run(
    `INSERT INTO deposits (id, user_id, amount_cents, credit_cents, made_by, idempotency_key, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
    deposit.id,
    deposit.userId,
    deposit.amountCents,
    deposit.creditCents,
    key?.callerId ?? null,
    key?.idempotencyKey ?? null,
    deposit.createdAt,
  )
}

/** Adds credit unless all deposits ever made would exceed a safe integer, as holds may be released. Returns the new credit. */
export async function addCredit(tx: Transaction, userId: string, amountCents: number): Promise<number | undefined> {
  const row = await tx.get<{ credit_cents: number }>(
    `UPDATE users SET credit_cents = credit_cents + ?, deposited_cents = deposited_cents + ?
     WHERE id = ? AND deposited_cents <= ? RETURNING credit_cents`,
    amountCents,
    amountCents,
    userId,
    Number.MAX_SAFE_INTEGER - amountCents,
  )
  return row?.credit_cents
}

function toDeposit(row: DepositRow): Deposit {
  return {
    id: row.id,
    userId: row.user_id,
    amountCents: row.amount_cents,
    creditCents: row.credit_cents,
    createdAt: row.created_at,
  }
}
