import { Counter, Gauge, type Registry } from 'prom-client'
import type { Queries } from '../database/database'
import type { Follower } from './follower'
import { countParked } from './follower-store'

export function followerMetrics(registry: Registry, follower: Follower, read: Queries): void {
  const { feed } = follower
  const common = { labelNames: ['feed'], registers: [registry] }
  const taken = new Counter({
    name: 'followed_events_total',
    help: 'Events of the feed that were taken, by what came of them',
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
    help: 'Events of the feed that were not taken yet when it last answered; NaN where that is not known',
    collect() {
      this.set({ feed }, follower.lag.events ?? NaN)
    },
  })
  new Gauge({
    ...common,
    name: 'feed_seconds_behind',
    help: 'For how long there may have been events that were not taken yet',
    collect() {
      this.set({ feed }, follower.lag.seconds)
    },
  })
  new Gauge({
    ...common,
    name: 'parked_events',
    help: 'Events of the feed that could not be handled and wait for an administrator',
    async collect() {
      this.set({ feed }, await countParked(read, feed))
    },
  })
}
