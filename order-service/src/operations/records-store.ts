import type { Queries } from '@tandem/chassis/database/database'
import { inPages } from '@tandem/chassis/database/snapshot'
import { eventRecords, followedRecords } from '@tandem/chassis/operations/event-records-store'

/** Everything that the audit compares with the records of other services. */
export async function* readRecords(queries: Queries): AsyncGenerator<object> {
  const byId = ({ id }: { id: string }) => id
  yield* inPages(
    queries,
    `SELECT 'order' AS kind, id, user_id AS "userId", total_cents AS "totalCents", status, reason,
            updated_at AS "updatedAt", placed_by AS "placedBy", idempotency_key AS "idempotencyKey"
     FROM orders WHERE id > ? ORDER BY id LIMIT ?`,
    '',
    byId,
  )
  yield* inPages(
    queries,
    `SELECT 'user-copy' AS kind, id, name, version, changes FROM user_copies WHERE id > ? ORDER BY id LIMIT ?`,
    '',
    byId,
  )
  yield* followedRecords(queries)
  yield* eventRecords(queries)
}
