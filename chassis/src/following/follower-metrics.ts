import { Counter, Gauge, type Registry } from 'prom-client'
import type { Queries } from '../database/database'
import type { Follower } from './follower'
import { countParked } from './follower-store'

export function followerMetrics(registry: Registry, follower: Follower, read: Queries): void {
  const { feed } = follower
  const common = { labelNames: ['feed'], registers: [registry] }
  const taken = new Counter({
    name: 'followed_events_total',
    help: 'Events applied from the feed, by result',
    labelNames: ['feed', 'outcome'],
    registers: [registry],
  })
  for (const outcome of ['handled', 'duplicate', 'skipped', 'parked']) taken.inc({ feed, outcome }, 0)
  follower.onApplied = (outcome) => {
    taken.inc({ feed, outcome })
  }
  new Gauge({
    ...common,
    name: 'feed_events_behind',
    help: 'Events of the feed not yet applied at its last response; NaN if unknown',
    collect() {
      this.set({ feed }, follower.lag.events ?? NaN)
    },
  })
  new Gauge({
    ...common,
    name: 'feed_seconds_behind',
    help: 'How long there may have been events not yet applied',
    collect() {
      this.set({ feed }, follower.lag.seconds)
    },
  })
  new Gauge({
    ...common,
    name: 'parked_events',
    help: 'Parked events of the feed (dead letters), which wait for an administrator',
    async collect() {
      this.set({ feed }, await countParked(read, feed))
    },
  })
}
