import { Counter, Gauge, type Registry } from 'prom-client'
import type { EventFeed } from './event-feed'

export function feedMetrics(registry: Registry, feed: EventFeed): void {
  const registers = [registry]
  new Gauge({
    name: 'feed_readers_waiting',
    help: 'Requests waiting for the next event',
    registers,
    collect() {
      this.set(feed.waiting)
    },
  })
  new Counter({
    name: 'feed_pages_total',
    help: 'Pages of the feed rendered as JSON; one can serve many readers',
    registers,
    collect() {
      this.reset()
      this.inc(feed.pagesMade)
    },
  })
}
