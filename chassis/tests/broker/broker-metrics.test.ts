import { Registry } from 'prom-client'
import { Broker } from '@tandem/chassis/broker/broker'
import { brokerMetrics } from '@tandem/chassis/broker/broker-metrics'
import { silentLog } from '@tandem/chassis/log'
import { freePort } from '../../testing/server'
import { afterThisTest, eventually } from '../../testing/temporary'

test('broker_up is 1 before the first try, and 0 once the broker cannot be reached', async () => {
  const registry = new Registry()
  const url = `amqp://127.0.0.1:${await freePort()}`
  const broker = new Broker({ url, name: 'test', log: silentLog })
  brokerMetrics(registry, broker)
  afterThisTest(() => broker.close())
  expect(await registry.metrics()).toMatch(/^broker_up 1$/m)
  const message = { service: 'things', id: '1', type: 'thing.done', json: '{}' }
  void broker.publish([message]).catch(() => undefined) // it fails only after seconds
  await eventually(async () => /^broker_up 0$/m.test(await registry.metrics()))
})
