import type { Database } from '@tandem/chassis/database/database'
import { readAs, type PrintedRecord } from '@tandem/chassis/operations/read-records'
import type { System } from '@tandem/chassis/system'
import { z } from 'zod'
import { advance, type OrderEvent } from '../orders/advance'
import type { Order } from '../orders/order'
import { findOrder, moveOrder } from '../orders/order-store'

const cancelled: OrderEvent = { kind: 'abandoned', reason: 'requested' }
const detail = 'user-service had released the credit before a service was restored'

// Only the members of user-service's records that we read.
const HoldRecord = z.object({ state: z.enum(['held', 'refused', 'released']), orderId: z.string() })

interface Deps {
  database: Database
  system: System
}

/**
 * After a restore, compares with the records of user-service: an order that is confirmed here although its credit was
 * released had been cancelled after the back-up. It becomes cancelling again; the settler finishes it.
 */
export async function* reconcileOrders(
  { database, system }: Deps,
  recordsOfUserService: AsyncIterable<PrintedRecord>,
): AsyncGenerator<Order> {
  for await (const record of recordsOfUserService) {
    if (record.kind !== 'hold') continue
    const { state, orderId } = readAs(HoldRecord, record, 'user-service')
    const order = state === 'released' ? await findOrder(database.read, orderId) : undefined
    if (order?.status !== 'confirmed') continue
    const move = advance(order, cancelled)
    const moved = move && (await database.write((tx) => moveOrder(tx, system, order, { ...move, detail })))
    if (moved) yield moved
  }
}
