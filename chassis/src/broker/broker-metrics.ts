import { Gauge, type Registry } from 'prom-client'
import type { Broker } from './broker'

export function brokerMetrics(registry: Registry, broker: Pick<Broker, 'isAway'>): void {
  new Gauge({
    name: 'broker_up',
    help: 'Whether RabbitMQ can be used, as far as this process has tried (1), or not (0)',
    registers: [registry],
    collect() {
      this.set(broker.isAway ? 0 : 1)
    },
  })
}
