import { Registry } from 'prom-client'
import type { Message } from '@tandem/chassis/broker/message'
import { readMessage } from '@tandem/chassis/broker/message'
import { Relay } from '@tandem/chassis/broker/relay'
import { chassisMigrations } from '@tandem/chassis/database/chassis-migrations'
import { beginRedaction } from '@tandem/chassis/events/redaction-store'
import { appendEvent } from '@tandem/chassis/events/event-store'
import { afterThisTest } from '../../testing/temporary'
import { temporaryDatabase } from '../../testing/temporary-database'
import { readableLog } from '../../testing/test-app'
import { recordingTracer } from '../../testing/recording-tracer'
import { inScope } from '@tandem/chassis/tracing/tracing'
import { VirtualSystem } from '../../testing/virtual-system'

async function relayed() {
  const system = new VirtualSystem()
  const database = await temporaryDatabase(chassisMigrations)
  const registry = new Registry()
  const published: Message[] = []
  const broker = { fault: undefined as Error | undefined }
  const publisher = {
    publish: async (messages: readonly Message[]) => {
      if (broker.fault) throw broker.fault
      published.push(...messages)
    },
  }
  const { log, lines } = readableLog()
  const { tracer, spans } = recordingTracer()
  const start = () => {
    const relay = new Relay({ service: 'things', publisher, database, tracer, registry: new Registry(), system, log })
    afterThisTest(() => relay.stop())
    relay.start()
    return relay
  }
  const happen = (...names: string[]) =>
    database.write(async (tx) => {
      for (const name of names) await appendEvent(tx, system, { type: 'thing.done', subject: name, data: { name } })
    })
  const names = () =>
    published.map(({ json }) => (readMessage(json, 'things')!.event.data as { name: string | null }).name)
  return { system, database, registry, published, broker, lines, spans, start, happen, names }
}

describe('A relay', () => {
  it('adds a span to the trace of each event that it publishes, and none for an event without', async () => {
    const { system, start, happen, published, broker, spans } = await relayed()
    start()
    await system.pass(2000)
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
    broker.fault = new Error('on purpose')
    await inScope({ context: { traceparent } }, () => happen('a'))
    await happen('b')
    await system.pass(1000)
    broker.fault = undefined
    await system.pass(1000)
    expect(published).toHaveLength(2)
    const span = { name: 'publish thing.done', kind: 'producer', parent: { traceparent }, hasEnded: true }
    expect(spans.length).toBeGreaterThan(1)
    expect(spans.at(-1)).toMatchObject({ ...span, failed: undefined })
    for (const tried of spans.slice(0, -1)) expect(tried).toMatchObject({ ...span, failed: 'not-published' })
  })

  it('publishes what is appended after its first start, each event with the id of the one before', async () => {
    const { system, start, happen, published, names } = await relayed()
    await happen('before')
    const relay = start()
    await system.pass(2000)
    await happen('a', 'b')
    await happen('c')
    await system.pass(1000)
    expect(names()).toEqual(['a', 'b', 'c'])
    const [a, b, c] = published.map(({ json }) => readMessage(json, 'things')!)
    expect(a!.previous).toMatch(/^[0-9a-f-]{36}$/) // of the event before
    expect([b!.previous, c!.previous]).toEqual([a!.event.id, b!.event.id])
    expect(published[0]).toMatchObject({ service: 'things', id: a!.event.id, type: 'thing.done' })
    await relay.stop()
    await happen('d')
    start()
    await system.pass(1000)
    expect(names()).toEqual(['a', 'b', 'c', 'd'])
  })

  it('publishes again what may not have arrived, with one line in the log for each failure', async () => {
    const { system, start, happen, broker, names, lines } = await relayed()
    start()
    await system.pass(1000)
    await happen('a')
    await system.pass(1000)
    broker.fault = new Error('not confirmed')
    await happen('b', 'c')
    await system.pass(5000)
    expect(names()).toEqual(['a'])
    broker.fault = undefined
    await system.pass(1000)
    expect(names()).toEqual(['a', 'b', 'c'])
    expect(lines.map(({ msg, reason }) => [msg, reason])).toEqual([
      ['events cannot be published', 'not confirmed'],
      ['events are published again', undefined],
    ])
  })

  it('publishes page by page without a pause', async () => {
    const { system, start, happen, names } = await relayed()
    start()
    await system.pass(1000)
    const many = Array.from({ length: 450 }, (_, i) => String(i))
    await happen(...many)
    await system.pass(20)
    expect(names()).toEqual(many)
  })

  it('does not publish the name of a user who has been deleted since', async () => {
    const { system, database, start, happen, broker, names } = await relayed()
    start()
    await system.pass(1000)
    broker.fault = new Error('away')
    await happen('a')
    await database.write((tx) => beginRedaction(tx, system, 'a', ['name']))
    broker.fault = undefined
    await system.pass(2000)
    expect(names()).toEqual([null])
  })
})

describe('The metrics of a relay', () => {
  it('say how many events were not published yet', async () => {
    const { system, database, happen } = await relayed()
    const registry = new Registry()
    const away = { publish: () => Promise.reject(new Error('away')) }
    const { log } = readableLog()
    const relay = new Relay({ service: 'things', publisher: away, database, registry, system, log })
    afterThisTest(() => relay.stop())
    const behind = async () => /^relay_lag_events (.*)$/m.exec(await registry.metrics())?.[1]
    await happen('before')
    expect(await behind()).toBe('0')
    relay.start()
    await system.pass(1000)
    await happen('a', 'b')
    await system.pass(1000)
    expect(await behind()).toBe('2')
    expect(await registry.metrics()).toMatch(/^relayed_events_total 0$/m)
  })
})

describe('A message', () => {
  it.each([
    ['is not JSON', 'nonsense'],
    ['is no event', '{"source":"/things"}'],
    [
      'is of another service',
      '{"specversion":"1.0","id":"0190f3c7-0e11-7b52-a4d8-0123456789ab","source":"/cups","type":"t","time":"2026-01-01T00:00:00Z"}',
    ],
  ])('that %s counts as none', (_what, body) => {
    expect(readMessage(body, 'things')).toBeUndefined()
  })
})
