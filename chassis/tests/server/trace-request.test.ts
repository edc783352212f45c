import request from 'supertest'
import { ok } from '@tandem/chassis/http/response'
import { route } from '@tandem/chassis/http/route'
import { currentTrace, inSpan, type Tracer } from '@tandem/chassis/tracing/tracing'
import { z } from 'zod'
import { recordingTracer } from '../../testing/recording-tracer'
import { testApp } from '../../testing/test-app'

const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
const common = { method: 'get', summary: 'Test', who: 'anyone', responses: { 200: z.unknown() } } as const

async function service(tracer?: Tracer) {
  const { app, lines } = await testApp(
    [
      route({ ...common, path: '/things/:id', handle: async () => ok({ trace: currentTrace() ?? null }) }),
      route({ ...common, path: '/always', always: true, handle: () => ok({}) }),
      route({ ...common, path: '/polled', isPolled: true, handle: () => ok({}) }),
      route({
        ...common,
        path: '/failing',
        handle: () => inSpan('inner', { kind: 'internal' }, () => Promise.reject(new Error('on purpose'))),
      }),
      route({
        ...common,
        method: 'post',
        path: '/things',
        body: z.strictObject({}),
        handle: async () => ok({ trace: currentTrace() ?? null }),
      }),
    ],
    { ...(tracer && { tracer }) },
  )
  return { app, lines, get: (path: string) => request(app).get(path) }
}

describe('A request, with a tracer,', () => {
  it('is a span below that of its caller, with its route and status', async () => {
    const { tracer, spans } = recordingTracer()
    const { get } = await service(tracer)
    const { body } = await get('/things/1').set('traceparent', traceparent)
    expect(spans).toEqual([
      expect.objectContaining({
        name: 'GET /things/:id',
        kind: 'server',
        parent: { traceparent },
        attributes: { 'http.request.method': 'GET', 'http.route': '/things/:id', 'http.response.status_code': 200 },
        failed: undefined,
        hasEnded: true,
      }),
    ])
    expect(body.trace).toEqual(spans[0]?.context)
  })

  it('begins a trace if its caller has none, also with a body', async () => {
    const { tracer, spans } = recordingTracer()
    const { app } = await service(tracer)
    const { body } = await request(app).post('/things').send({})
    expect(spans).toMatchObject([{ name: 'POST /things', parent: undefined }])
    expect(body.trace).toEqual(spans[0]?.context)
  })

  it('fails if the response is a 500, with what happened in it, and its log lines name the trace', async () => {
    const { tracer, spans } = recordingTracer()
    const { get, lines } = await service(tracer)
    await get('/failing').set('traceparent', traceparent)
    expect(spans).toMatchObject([
      { name: 'GET /failing', failed: '500' },
      { name: 'inner', failed: 'Error' },
    ])
    expect(lines.map(({ msg, traceId }) => [msg, traceId])).toEqual([
      ['request failed', traceparent.slice(3, 35)],
      ['request', traceparent.slice(3, 35)],
    ])
  })

  it.each(['/always', '/polled'])('is no span at %s, which is asked all the time', async (path) => {
    const { tracer, spans } = recordingTracer()
    const { get } = await service(tracer)
    await get(path).set('traceparent', traceparent)
    expect(spans).toEqual([])
  })
})

describe('A request, without a tracer,', () => {
  it('passes on the trace of its caller, and its log line names it', async () => {
    const { get, lines } = await service()
    const { body } = await get('/things/1').set('traceparent', traceparent).set('tracestate', 'v=1')
    expect(body.trace).toEqual({ traceparent })
    expect(lines).toMatchObject([{ msg: 'request', traceId: traceparent.slice(3, 35) }])
  })

  it('has no trace if its caller has none', async () => {
    const { get, lines } = await service()
    const { body } = await get('/things/1').set('traceparent', 'nonsense')
    expect(body.trace).toBeNull()
    expect(lines[0]).not.toHaveProperty('traceId')
  })
})
