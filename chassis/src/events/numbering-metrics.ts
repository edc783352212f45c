import { Counter, Gauge, type Registry } from 'prom-client'
import type { Database } from '../database/database'
import type { System } from '../system'
import type { EventNumbering } from './event-numbering'
import { unnumberedEvents } from './event-store'

/** Nobody can read an event before it has its number, so that numbering that fails is seen nowhere else at once. */
export function numberingMetrics(
  registry: Registry,
  numbering: Pick<EventNumbering, 'failures'>,
  { database: { read }, system }: { database: Pick<Database, 'read'>; system: Pick<System, 'now'> },
): void {
  const registers = [registry]
  new Gauge({
    name: 'events_unnumbered',
    help: 'Committed events that no reader can see yet, because they have no number',
    registers,
    async collect() {
      this.set((await unnumberedEvents(read)).count)
    },
  })
  new Gauge({
    name: 'events_unnumbered_oldest_age_seconds',
    help: 'Age of the oldest event without a number; 0 if there is none',
    registers,
    async collect() {
      const { oldest } = await unnumberedEvents(read)
      this.set(oldest === null ? 0 : Math.max(0, system.now() - Date.parse(oldest)) / 1000)
    },
  })
  new Counter({
    name: 'event_numbering_failures_total',
    help: 'Failed attempts of this process to number events',
    registers,
    collect() {
      this.reset()
      this.inc(numbering.failures)
    },
  })
}
