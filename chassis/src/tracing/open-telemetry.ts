import {
  diag,
  DiagLogLevel,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Context,
  type Span as SdkSpan,
} from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import type { Log } from '../log'
import { within } from '../within'
import type { TraceContext } from './trace-context'
import type { Span, SpanOptions, Tracer } from './tracing'

const flushMs = 1000
const logEveryMs = 60_000
const kinds: Readonly<Record<SpanOptions['kind'], SpanKind>> = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
}

interface Options {
  service: string
  version: string
  replica: string
  log: Log
}

/** Sends spans by OTLP, as the variables OTEL_* say. Loaded only if they name where. */
export function openTelemetry({ service, version, replica, log }: Options): Tracer {
  const warn = logFaults(log)
  const own = { 'service.name': service, 'service.version': version, 'service.instance.id': replica }
  const resource = defaultResource()
    .merge(resourceFromAttributes(own))
    .merge(detectResources({ detectors: [envDetector] }))
  const provider = new BasicTracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  })
  const tracer = provider.getTracer('tandem', version)
  return {
    start: (name, { kind, attributes = {}, links = [] }, parent) => {
      const options = { kind: kinds[kind], attributes, links: links.map((link) => ({ context: spanContext(link) })) }
      return asSpan(tracer.startSpan(name, options, parent ? under(parent) : ROOT_CONTEXT))
    },
    stop: async () => {
      const rest = provider.shutdown().catch((error: unknown) => {
        warn(String(error))
      })
      await within(flushMs, rest)
    },
  }
}

function asSpan(span: SdkSpan): Span {
  const { traceId, spanId, traceFlags } = span.spanContext()
  const traceparent = `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
  return {
    context: { traceparent },
    set: (attributes) => span.setAttributes(attributes),
    fail: (reason) => {
      span.setAttribute('error.type', reason)
      span.setStatus({ code: SpanStatusCode.ERROR })
    },
    end: () => {
      span.end()
    },
  }
}

function under(parent: TraceContext): Context {
  return trace.setSpanContext(ROOT_CONTEXT, spanContext(parent))
}

function spanContext({ traceparent }: TraceContext) {
  const [, traceId = '', spanId = '', flags = '00'] = traceparent.split('-')
  const traceFlags = Number.parseInt(flags, 16) & TraceFlags.SAMPLED
  return { traceId, spanId, traceFlags, isRemote: true }
}

/** Logs what the SDK complains of, as when nobody takes the spans: a line a minute at most. */
function logFaults(log: Log): (reason: string) => void {
  let loggedAt = -Infinity
  const warn = (reason: string) => {
    if (performance.now() - loggedAt < logEveryMs) return
    loggedAt = performance.now()
    log.warn({ reason: reason.slice(0, 200) }, 'traces are not sent')
  }
  const ignore = () => undefined
  const logger = { error: warn, warn, info: ignore, debug: ignore, verbose: ignore }
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true })
  return warn
}
