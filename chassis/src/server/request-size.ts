import type { IncomingMessage } from 'node:http'

const requestBytes = 2_000 // measured: what Node keeps for a request and its response, besides the text of its headers
const maxBufferedBody = 64 * 1024

/** About how much memory a request takes that was parsed and is not worked on yet, in bytes. */
export function sizeOf({ url = '', rawHeaders, headers }: IncomingMessage): number {
  const head = rawHeaders.reduce((sum, text) => sum + text.length, url.length)
  const body = headers['transfer-encoding'] === undefined ? Number(headers['content-length'] ?? 0) : maxBufferedBody
  return requestBytes + head + Math.min(body, maxBufferedBody)
}
