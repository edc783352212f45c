import type { Database, Queries } from '@tandem/chassis/database/database'
import type { System } from '@tandem/chassis/system'
import { Counter, Gauge, type Registry } from 'prom-client'
import { orderStatuses, type Order } from './order'
import { countOrders, oldestOrder } from './settlement-queue'

export interface OrderMetrics {
  /** An order has reached this status. */
  moved: (order: Order) => void
  /** The settler has made an attempt. */
  attempted: (outcome: 'settled' | 'unknown') => void
}

const unfinished = ['pending', 'cancelling'] as const

/** How many orders are pending or cancelling now. */
export async function countUnfinished(read: Queries): Promise<Record<string, number>> {
  const counts = unfinished.map(async (status) => [status, await countOrders(read, status)] as const)
  return Object.fromEntries(await Promise.all(counts))
}

export function orderMetrics(registry: Registry, { read }: Database, system: Pick<System, 'now'>): OrderMetrics {
  const registers = [registry]
  const moves = new Counter({
    name: 'orders_total',
    help: 'Orders that came to a status',
    labelNames: ['status'],
    registers,
  })
  const attempts = new Counter({
    name: 'settler_attempts_total',
    help: 'Attempts of the settler to finish an order',
    labelNames: ['outcome'],
    registers,
  })
  for (const status of orderStatuses) moves.inc({ status }, 0)
  for (const outcome of ['settled', 'unknown']) attempts.inc({ outcome }, 0)

  new Gauge({
    name: 'orders_unfinished',
    help: 'Orders that are pending or cancelling now',
    labelNames: ['status'],
    registers,
    async collect() {
      for (const [status, count] of Object.entries(await countUnfinished(read))) this.set({ status }, count)
    },
  })
  new Gauge({
    name: 'orders_unfinished_oldest_age_seconds',
    help: 'Age of the oldest order that is unfinished now; 0 where there is none',
    registers,
    async collect() {
      const oldest = await Promise.all(unfinished.map((status) => oldestOrder(read, status)))
      const placedAt = oldest.flatMap((order) => (order ? Date.parse(order.createdAt) : []))
      this.set(placedAt.length === 0 ? 0 : Math.max(0, system.now() - Math.min(...placedAt)) / 1000)
    },
  })
  return {
    moved: ({ status }) => {
      moves.inc({ status })
    },
    attempted: (outcome) => {
      attempts.inc({ outcome })
    },
  }
}
