import type { Database } from '@tandem/chassis/database/database'
import type { System } from '@tandem/chassis/system'
import { Counter, Gauge, type Registry } from 'prom-client'
import { orderStatuses, type Order } from './order'

/** What is told of orders as they go. */
export interface OrderMetrics {
  /** An order has come to this status. */
  moved: (order: Order) => void
  /** The settler made an attempt. */
  attempted: (outcome: 'settled' | 'unknown') => void
}

const unfinished = ['pending', 'cancelling'] as const

/** Orders by outcome, what is unfinished and how old it is, and what the settler does. */
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
      const rows = await read.all<{ status: string; orders: number }>(
        'SELECT status, COUNT(*) AS orders FROM orders WHERE due_at IS NOT NULL GROUP BY status',
      )
      for (const status of unfinished) this.set({ status }, rows.find((row) => row.status === status)?.orders ?? 0)
    },
  })
  new Gauge({
    name: 'orders_unfinished_oldest_age_seconds',
    help: 'Age of the oldest order that is unfinished now; 0 where there is none',
    registers,
    async collect() {
      const row = await read.get<{ oldest: string | null }>(
        'SELECT MIN(created_at) AS oldest FROM orders WHERE due_at IS NOT NULL',
      )
      this.set(row?.oldest ? Math.max(0, system.now() - Date.parse(row.oldest)) / 1000 : 0)
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
