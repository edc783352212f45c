import type { Database } from '@tandem/chassis/database/database'
import { readAs, type PrintedRecord } from '@tandem/chassis/operations/read-records'
import type { System } from '@tandem/chassis/system'
import { z } from 'zod'
import { advance, type OrderEvent } from '../orders/advance'
import type { Order } from '../orders/order'
import { findOrder, moveOrder } from '../orders/order-store'

const cancelled: OrderEvent = { type: 'abandoned', reason: 'requested' }
const detail = 'user-service has given the credit back before one of the services was restored'

// What is read of user-service's records, which hold more.
const HoldRecord = z.object({ state: z.enum(['held', 'refused', 'released']), orderId: z.string() })

interface Deps {
  database: Database
  system: System
}

/**
 * After a restore, by the records of user-service: an order that is confirmed here while its credit was given back has
 * been cancelled, and the back-up did not know. It is being cancelled again; the settler will see to the end of it.
 */
export async function* reconcileOrders(
  { database, system }: Deps,
  recordsOfUserService: AsyncIterable<PrintedRecord>,
): AsyncGenerator<Order> {
  for await (const record of recordsOfUserService) {
    if (record.what !== 'hold') continue
    const { state, orderId } = readAs(HoldRecord, record, 'user-service')
    const order = state === 'released' ? await findOrder(database.read, orderId) : undefined
    if (order?.status !== 'confirmed') continue
    const next = advance(order, cancelled)
    const moved = next && (await database.write((tx) => moveOrder(tx, system, order, next, detail)))
    if (moved) yield moved
  }
}
