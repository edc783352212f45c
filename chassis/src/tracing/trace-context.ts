import type { IncomingHttpHeaders } from 'node:http'

/**
 * What a request or an event belongs to, as W3C Trace Context has it. There is no `tracestate`: it is any text of the
 * caller's, which no deletion of a user would find.
 */
export interface TraceContext {
  traceparent: string
}

const maxLength = 128
const pattern = /^(?!ff)[0-9a-f]{2}-((?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2})(-.*)?$/

/** Undefined if there is none, or one that the specification says to ignore. */
export function readTraceContext(headers: IncomingHttpHeaders): TraceContext | undefined {
  return traceContext(headers.traceparent)
}

/** Of what a later version has at the end, nothing is kept: that may be any text, too. */
export function traceContext(traceparent: unknown): TraceContext | undefined {
  if (typeof traceparent !== 'string' || traceparent.length > maxLength) return undefined
  const [, known] = pattern.exec(traceparent) ?? []
  return known === undefined ? undefined : { traceparent: `00-${known}` }
}

export function traceIdOf({ traceparent }: TraceContext): string {
  return traceparent.slice(3, 35)
}
