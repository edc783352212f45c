import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterThisTest } from '../../../chassis/testing/temporary'

export interface ReceivedSpan {
  service: string
  name: string
  traceId: string
  spanId: string
  parentSpanId: string
  startedAt: bigint
  linkedTraces: readonly string[]
  /** As they were sent. */
  attributes: string
}

/** Takes spans by OTLP over HTTP, in JSON. */
export async function otlpReceiver(): Promise<{ url: string; spans: ReceivedSpan[] }> {
  const spans: ReceivedSpan[] = []
  const server = createServer((req, res) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      if (req.url === '/v1/traces') spans.push(...spansIn(JSON.parse(Buffer.concat(chunks).toString()) as Sent))
      res.setHeader('Content-Type', 'application/json').end('{}')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  afterThisTest(() => {
    server.close()
    server.closeAllConnections()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans }
}

interface SentSpan {
  name: string
  traceId: string
  spanId: string
  parentSpanId?: string
  startTimeUnixNano: string
  links?: { traceId: string }[]
  attributes: unknown
}

interface Sent {
  resourceSpans: {
    resource: { attributes: { key: string; value: { stringValue?: string } }[] }
    scopeSpans: { spans: SentSpan[] }[]
  }[]
}

function spansIn({ resourceSpans }: Sent): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue ?? 'unknown'
    return scopeSpans
      .flatMap(({ spans }) => spans)
      .map(({ name, traceId, spanId, parentSpanId = '', startTimeUnixNano, links = [], attributes }) => ({
        service,
        name,
        traceId,
        spanId,
        parentSpanId,
        startedAt: BigInt(startTimeUnixNano),
        linkedTraces: links.map((link) => link.traceId),
        attributes: JSON.stringify(attributes),
      }))
  })
}

/** A trace as a tree: a line for each span, with its service, below its parent. */
export function treeOf(spans: readonly ReceivedSpan[], traceId: string): string {
  const inTrace = spans.filter((span) => span.traceId === traceId).sort((a, b) => Number(a.startedAt - b.startedAt))
  const ids = new Set(inTrace.map(({ spanId }) => spanId))
  const lines = (parent: string | undefined, depth: number): string[] =>
    inTrace
      .filter(({ parentSpanId }) => (parent === undefined ? !ids.has(parentSpanId) : parentSpanId === parent))
      .flatMap(({ name, service, spanId }) => [`${'  '.repeat(depth)}${service}: ${name}`, ...lines(spanId, depth + 1)])
  return lines(undefined, 0).join('\n')
}
