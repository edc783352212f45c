import { openTelemetry } from '@tandem/chassis/tracing/open-telemetry'
import { runChild } from '../../testing/child'
import { freePort } from '../../testing/server'
import { afterThisTest, eventually } from '../../testing/temporary'
import { readableLog } from '../../testing/test-app'

const options = { service: 'tea', version: '1.0.0', replica: 'a1' }

async function withNobodyListening() {
  const variables = {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await freePort()}`,
    OTEL_BSP_SCHEDULE_DELAY: '10',
    OTEL_EXPORTER_OTLP_TIMEOUT: '50',
  }
  Object.assign(process.env, variables)
  afterThisTest(() => {
    for (const name of Object.keys(variables)) Reflect.deleteProperty(process.env, name)
  })
  const { log, lines } = readableLog()
  return { tracer: openTelemetry({ ...options, log }), lines }
}

describe('The SDK of OpenTelemetry', () => {
  // The API is: prom-client loads it.
  it('is not loaded with a service that sends no traces', async () => {
    const child = runChild(`
      require('./src/service/start-service')
      console.log(JSON.stringify(Object.keys(require.cache).filter((file) => /@opentelemetry.(?!api)/.test(file))))
    `)
    expect(await child.code).toBe(0)
    expect(JSON.parse(child.output())).toEqual([])
  })

  it('logs one line if nobody takes the spans, and does not hold up the stop', async () => {
    const { tracer, lines } = await withNobodyListening()
    for (let i = 0; i < 3; i += 1) {
      tracer.start('work', { kind: 'internal' }, undefined).end()
      await eventually(() => lines.length > 0)
    }
    await tracer.stop()
    expect(lines).toMatchObject([{ level: 40, msg: 'traces are not sent' }])
  })

  it('leaves out what the caller does not sample, by default', async () => {
    const { tracer } = await withNobodyListening()
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
    const unsampled = { traceparent: `00-${traceId}-00f067aa0ba902b7-00` }
    const { context } = tracer.start('work', { kind: 'server' }, unsampled)
    expect(context.traceparent).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`))
    const begun = tracer.start('work', { kind: 'server' }, undefined)
    expect(begun.context.traceparent).toMatch(/-01$/)
    await tracer.stop()
  })
})
