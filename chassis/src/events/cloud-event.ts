import type { StoredEvent } from './event-store'
import { redact } from './redaction-store'

/** The event as JSON, in CloudEvents 1.0. Splices in the stored data, which is JSON already. */
export function cloudEvent(
  source: string,
  { id, type, subject, time, data, redacted, traceparent }: StoredEvent,
  extensions: Readonly<Record<string, string>> = {},
): string {
  const attributes = { specversion: '1.0', id, source, type, subject, time, datacontenttype: 'application/json' }
  const trace = traceparent !== null && { traceparent }
  const head = JSON.stringify({ ...attributes, ...trace, ...extensions }).slice(0, -1)
  return `${head},"data":${redacted === null ? data : redact(data, redacted)}}`
}
