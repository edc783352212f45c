import type { IncomingHttpHeaders } from 'node:http'

/** What a request or an event belongs to, as W3C Trace Context has it. */
export interface TraceContext {
  traceparent: string
  tracestate?: string
}

const maxTracestate = 512
const traceparent = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$/
const tracestate = /^[\x20-\x7e]*$/

/** Undefined if there is none, or one that the specification says to ignore. */
export function readTraceContext(headers: IncomingHttpHeaders): TraceContext | undefined {
  return traceContext(headers.traceparent, headers.tracestate)
}

export function traceContext(parent: unknown, state: unknown): TraceContext | undefined {
  if (typeof parent !== 'string' || parent.length > 128 || !traceparent.test(parent)) return undefined
  const hasState = typeof state === 'string' && state !== '' && state.length <= maxTracestate && tracestate.test(state)
  return hasState ? { traceparent: parent, tracestate: state } : { traceparent: parent }
}

export function traceIdOf({ traceparent }: TraceContext): string {
  return traceparent.slice(3, 35)
}
