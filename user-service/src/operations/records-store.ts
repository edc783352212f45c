import type { Queries } from '@tandem/chassis/database/database'
import { inPages } from '@tandem/chassis/database/snapshot'
import { eventRecords, redactionRecords } from '@tandem/chassis/operations/event-records-store'

/** Everything that the audit compares with the records of other services. */
export async function* readRecords(queries: Queries): AsyncGenerator<object> {
  const byId = ({ id }: { id: string }) => id
  yield* inPages(
    queries,
    `SELECT 'user' AS kind, id, name, version, credit_cents AS "creditCents", deposited_cents AS "depositedCents"
     FROM users
     WHERE id > ? ORDER BY id LIMIT ?`,
    '',
    byId,
  )
  yield* inPages(
    queries,
    `SELECT 'deposit' AS kind, id, user_id AS "userId", amount_cents AS "amountCents", made_by AS "madeBy",
            idempotency_key AS "idempotencyKey"
     FROM deposits WHERE id > ? ORDER BY id LIMIT ?`,
    '',
    byId,
  )
  yield* inPages(
    queries,
    `SELECT 'hold' AS kind, order_id AS "orderId", user_id AS "userId", state, amount_cents AS "amountCents" FROM holds
     WHERE order_id > ? ORDER BY order_id LIMIT ?`,
    '',
    ({ orderId }: { orderId: string }) => orderId,
  )
  yield* redactionRecords(queries)
  yield* eventRecords(queries)
}
