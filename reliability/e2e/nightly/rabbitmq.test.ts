import { execFile } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { promisify } from 'node:util'
import { Broker } from '@tandem/chassis/broker/broker'
import type { Consumer, Delivery } from '@tandem/chassis/broker/brokered-feed'
import { silentLog } from '@tandem/chassis/log'
import { eventually, pause } from '../../harness/eventually'

const run = promisify(execFile)
const password = randomBytes(16).toString('hex')
const name = 'tandem-e2e-rabbitmq'
const readyMs = 60_000
const settledMs = 8000 // of a quorum queue: killed sooner after it was made, RabbitMQ 4.0 recovers it without a leader
let url: string

async function docker(...args: string[]): Promise<string> {
  return (await run('docker', args)).stdout.trim()
}

beforeAll(async () => {
  const credentials = ['-e', 'RABBITMQ_DEFAULT_USER=test', '-e', `RABBITMQ_DEFAULT_PASS=${password}`]
  await docker('run', '--detach', '--name', name, '-p', '127.0.0.1:3140:5672', ...credentials, 'rabbitmq:4.0')
  url = `amqp://test:${password}@127.0.0.1:3140`
}, 120_000)

afterAll(() => docker('rm', '--force', '--volumes', name))

function message(service: string, number: number, previous: number) {
  const id = (of: number) => `0190f3c7-0e11-7b52-a4d8-${String(of).padStart(12, '0')}`
  const event = {
    specversion: '1.0',
    id: id(number),
    source: `/${service}`,
    type: 'thing.done',
    time: '2026-01-31T12:00:00.000Z',
    ...(previous > 0 && { previousid: id(previous) }),
    data: { number },
  }
  return { service, id: event.id, type: event.type, json: JSON.stringify(event) }
}

const numberOf = ({ event }: Delivery) => (event.data as { number: number }).number

function connected(): Broker {
  const broker = new Broker({ url, name: 'test', log: silentLog })
  brokers.push(broker)
  return broker
}
const brokers: Broker[] = []
afterEach(async () => {
  for (const broker of brokers.splice(0)) await broker.close()
})

/** A process that reads, and what it was delivered. */
function reading(broker: Broker, service: string): Consumer & { delivered: Delivery[] } {
  const delivered: Delivery[] = []
  const lost = () => {
    for (const delivery of delivered.splice(0)) delivery.settle(false)
  }
  const consumer = broker.consume({ service, reader: 'tests' }, (delivery) => delivered.push(delivery), lost)
  return {
    delivered,
    get isReady() {
      return consumer.isReady
    },
    close: async () => {
      lost()
      await consumer.close()
    },
  }
}

async function ready(consumer: Consumer): Promise<void> {
  await eventually(readyMs, 'RabbitMQ is ready', async () => consumer.isReady || undefined)
}

/** The numbers of the events that it was delivered, once there are as many. */
async function numbers(of: { delivered: Delivery[] }, count: number): Promise<number[]> {
  await eventually(30_000, `${count} messages are delivered`, async () => of.delivered.length >= count || undefined)
  return of.delivered.map(numberOf)
}

const upTo = (last: number) => Array.from({ length: last }, (_, i) => i + 1)
const things = () => `things-${randomUUID()}`

test('messages arrive in the order in which they were published, and come again until they are settled', async () => {
  const service = things()
  const first = reading(connected(), service)
  await ready(first)
  const publisher = connected()
  await publisher.publish(upTo(300).map((number) => message(service, number, number - 1)))
  expect(await numbers(first, 300)).toEqual(upTo(300))
  expect(first.delivered[1]).toMatchObject({ previous: first.delivered[0]!.event.id })

  for (const delivery of first.delivered.splice(0, 100)) delivery.settle(true)
  const second = reading(connected(), service)
  await ready(second)
  await publisher.publish([message(service, 301, 300)])
  expect(await numbers(first, 201)).toContain(301)
  expect(second.delivered).toEqual([]) // one process at a time
  await first.close()
  expect((await numbers(second, 201)).sort((a, b) => a - b)).toEqual(upTo(301).slice(100))
  await second.close()
}, 120_000)

test('a broker that was killed is used again by itself, with the messages that it has confirmed', async () => {
  const service = things()
  const broker = connected()
  const reader = reading(broker, service)
  await ready(reader)
  await broker.publish([message(service, 1, 0)])
  expect(await numbers(reader, 1)).toEqual([1])
  await docker('pause', name)
  await expect(broker.publish([message(service, 2, 1)])).rejects.toThrow('not confirmed in time')
  await docker('unpause', name)
  await pause(settledMs)
  await docker('kill', name)
  await eventually(10_000, 'the consumer is not ready', async () => !reader.isReady || undefined)
  await expect(broker.publish([message(service, 2, 1)])).rejects.toThrow()
  await docker('start', name)
  await ready(reader)
  await eventually(readyMs, 'an event is published', () =>
    broker.publish([message(service, 2, 1)]).then(
      () => true,
      () => undefined,
    ),
  )
  expect([...new Set(await numbers(reader, 2))].sort()).toEqual([1, 2])
  await reader.close()
}, 180_000)

test('what is not an event is dropped, and does not come again', async () => {
  const service = things()
  const broker = connected()
  const reader = reading(broker, service)
  await ready(reader)
  await broker.publish([
    { ...message(service, 1, 0), json: 'nonsense' },
    { ...message(service, 1, 0), json: message('others', 1, 0).json },
    message(service, 2, 1),
  ])
  expect(await numbers(reader, 1)).toEqual([2])
  await reader.close()
}, 120_000)
