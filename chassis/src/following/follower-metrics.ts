import { Counter, Gauge, type Registry } from 'prom-client'
import type { Queries } from '../database/database'
import type { AppliedAs } from './apply-events'
import { countParked } from './follower-store'
import type { Lag } from './lag'

export interface FollowerMetrics {
  /** An event was applied or parked. */
  applied: (outcome: AppliedAs | 'parked') => void
}

/** What a follower of the feed reports to. */
export function followerMetrics(registry: Registry, feed: string, read: Queries): FollowerMetrics {
  const common = { labelNames: ['feed'], registers: [registry] }
  const applied = new Counter({
    ...common,
    name: 'followed_events_total',
    help: 'Events applied from the feed, by result',
    labelNames: ['feed', 'outcome'],
  })
  for (const outcome of ['handled', 'duplicate', 'skipped', 'parked']) applied.inc({ feed, outcome }, 0)
  new Gauge({
    ...common,
    name: 'parked_events',
    help: 'Parked events of the feed (dead letters), which wait for an administrator',
    async collect() {
      this.set({ feed }, await countParked(read, feed))
    },
  })
  return {
    applied: (outcome) => {
      applied.inc({ feed, outcome })
    },
  }
}

export function lagMetrics(registry: Registry, follower: { feed: string; currentLag: () => Promise<Lag> }): void {
  const { feed } = follower
  const common = { labelNames: ['feed'], registers: [registry] }
  new Gauge({
    ...common,
    name: 'feed_lag_events',
    help: 'Events of the feed not yet applied at its last response; NaN if unknown',
    async collect() {
      this.set({ feed }, (await follower.currentLag()).events ?? NaN)
    },
  })
  new Gauge({
    ...common,
    name: 'feed_lag_seconds',
    help: 'How long there may have been events not yet applied',
    async collect() {
      this.set({ feed }, (await follower.currentLag()).seconds)
    },
  })
}
