import { randomBytes } from 'node:crypto'
import type { TraceContext } from '@tandem/chassis/tracing/trace-context'
import type { SpanOptions, Tracer } from '@tandem/chassis/tracing/tracing'

export interface RecordedSpan {
  name: string
  kind: SpanOptions['kind']
  attributes: Record<string, string | number>
  context: TraceContext
  parent: TraceContext | undefined
  links: readonly TraceContext[]
  failed: string | undefined
  hasEnded: boolean
}

/** A tracer that keeps its spans. */
export function recordingTracer(): { tracer: Tracer; spans: RecordedSpan[] } {
  const spans: RecordedSpan[] = []
  const hex = (bytes: number) => randomBytes(bytes).toString('hex')
  const tracer: Tracer = {
    start: (name, { kind, attributes = {}, links = [] }, parent) => {
      const traceId = parent?.traceparent.slice(3, 35) ?? hex(16)
      const context = { traceparent: `00-${traceId}-${hex(8)}-01` }
      const given = { name, kind, attributes: { ...attributes }, context, parent, links }
      const span: RecordedSpan = { ...given, failed: undefined, hasEnded: false }
      spans.push(span)
      return {
        context,
        set: (more) => Object.assign(span.attributes, more),
        fail: (reason) => (span.failed = reason),
        end: () => (span.hasEnded = true),
      }
    },
    stop: async () => undefined,
  }
  return { tracer, spans }
}
