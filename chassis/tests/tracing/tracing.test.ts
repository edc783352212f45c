import type { Database } from '@tandem/chassis/database/database'
import { chassisMigrations } from '@tandem/chassis/database/chassis-migrations'
import { appendEvent, listEvents } from '@tandem/chassis/events/event-store'
import { cloudEvent } from '@tandem/chassis/events/cloud-event'
import { realSystem as system } from '@tandem/chassis/system'
import { currentTrace, inRootSpan, inScope, inSpan, traceFields } from '@tandem/chassis/tracing/tracing'
import { UpstreamClient } from '@tandem/chassis/upstream/upstream-client'
import { NoResponse, type OutgoingRequest } from '@tandem/chassis/upstream/transport'
import { recordingTracer } from '../../testing/recording-tracer'
import { eventually } from '../../testing/temporary'
import { temporaryDatabase } from '../../testing/temporary-database'

const caller = { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' }
const options = { kind: 'internal' } as const
/** Once they have their numbers. */
async function storedEvents({ read }: Database, count: number) {
  return eventually(async () => {
    const stored = await listEvents(read, { after: 0, limit: 10 })
    return stored.length === count ? stored : undefined
  })
}

const event = { type: 'thing.done', subject: 'a', data: {} }

describe('A span', () => {
  it('belongs to the one around it, whatever is awaited, and ends with its work', async () => {
    const { tracer, spans } = recordingTracer()
    await inRootSpan(tracer, 'outer', { ...options, parent: caller }, async () => {
      await new Promise((resolve) => setImmediate(resolve))
      await inSpan('inner', options, async () => {
        expect(spans.map(({ hasEnded }) => hasEnded)).toEqual([false, false])
      })
    })
    const [outer, inner] = spans
    expect([outer?.parent, inner?.parent]).toEqual([caller, outer?.context])
    expect(spans.map(({ hasEnded }) => hasEnded)).toEqual([true, true])
    expect(currentTrace()).toBeUndefined()
  })

  it('fails with its work', async () => {
    const { tracer, spans } = recordingTracer()
    const work = inRootSpan(tracer, 'outer', options, () => Promise.reject(new RangeError('secret')))
    await expect(work).rejects.toThrow('secret')
    expect(spans).toMatchObject([{ failed: 'RangeError', hasEnded: true }])
  })

  it('is not made without a tracer; the trace of the caller goes on', async () => {
    await inRootSpan(undefined, 'outer', { ...options, parent: caller }, () =>
      inSpan('inner', options, async () => {
        expect(currentTrace()).toEqual(caller)
        expect(traceFields()).toEqual({ traceId: '4bf92f3577b34da6a3ce929d0e0e4736' })
      }),
    )
    expect(traceFields()).toEqual({})
  })
})

describe('An event', () => {
  it('has the trace of its own request, also if its transaction shares a commit with others', async () => {
    const database = await temporaryDatabase(chassisMigrations)
    const append = (subject: string) => database.write((tx) => appendEvent(tx, system, { ...event, subject }))
    const traced = () => inScope({ context: caller }, () => append('traced'))
    await Promise.all([append('before'), traced(), append('after')])
    await Promise.all([traced(), append('after')])
    await append('last') // alone: of several at once, one may be numbered by the next write only
    const stored = await storedEvents(database, 6)
    const traces = stored.map(({ subject, traceparent }) => [subject, traceparent])
    expect(traces.sort()).toEqual([
      ['after', null],
      ['after', null],
      ['before', null],
      ['last', null],
      ['traced', caller.traceparent],
      ['traced', caller.traceparent],
    ])
    const sent = stored.map((it) => JSON.parse(cloudEvent('/things', it)))
    const carrying = sent.filter((it) => 'traceparent' in it)
    expect(carrying).toEqual(Array(2).fill(expect.objectContaining({ subject: 'traced', ...caller })))
  })

  it('has the span in which it was sent, below its transaction', async () => {
    const database = await temporaryDatabase(chassisMigrations)
    const { tracer, spans } = recordingTracer()
    await inRootSpan(tracer, 'request', options, () => database.write((tx) => appendEvent(tx, system, event)))
    const [request, transaction, send] = spans
    // On PostgreSQL, the test then numbers the event.
    expect(spans.slice(0, 3).map(({ name, kind }) => [name, kind])).toEqual([
      ['request', 'internal'],
      ['transaction', 'client'],
      ['send thing.done', 'producer'],
    ])
    expect([transaction?.parent, send?.parent]).toEqual([request?.context, transaction?.context])
    const [stored] = await storedEvents(database, 1)
    expect(stored?.traceparent).toBe(send?.context.traceparent)
  })
})

describe('A call of another service', () => {
  const request = { method: 'PUT', path: '/things/1', headers: { 'x-request-id': 'r' } } as const

  function upstream(...responses: (number | NoResponse)[]) {
    const sent: OutgoingRequest[] = []
    const transport = {
      send: async (outgoing: OutgoingRequest) => {
        sent.push(outgoing)
        const response = responses.shift() ?? 200
        if (response instanceof NoResponse) throw response
        return { status: response, headers: {}, body: '' }
      },
      close: () => undefined,
    }
    return { sent, client: new UpstreamClient(transport, system) }
  }

  it('passes the trace of the caller on', async () => {
    const { sent, client } = upstream()
    const options = { deadline: system.monotonic() + 1000 }
    await inScope({ context: caller }, () => client.call(request, options))
    await client.call(request, options)
    expect(sent.map(({ headers }) => headers)).toEqual([{ 'x-request-id': 'r', ...caller }, { 'x-request-id': 'r' }])
  })

  it('is a span for each attempt, which says how it ended', async () => {
    const { sent, client } = upstream(new NoResponse('timeout'), 503, 201)
    const { tracer, spans } = recordingTracer()
    await inRootSpan(tracer, 'request', options, () => client.call(request, { deadline: system.monotonic() + 3000 }))
    const [, ...attempts] = spans
    expect(attempts).toMatchObject([
      { name: 'PUT', kind: 'client', failed: 'timeout' },
      { name: 'PUT', kind: 'client', failed: 'status-503' },
      { name: 'PUT', kind: 'client', failed: undefined, attributes: { 'http.response.status_code': 201 } },
    ])
    expect(sent.map(({ headers }) => headers.traceparent)).toEqual(attempts.map(({ context }) => context.traceparent))
  })
})
