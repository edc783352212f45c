import { once } from 'node:events'
import { connect } from 'node:net'

export interface RawResponse {
  status: number
  headers: Record<string, string>
  body: string
}

/** Sends a request line as it is written: fetch would tidy the path up. Accepts a response with a Content-Length only. */
export async function rawRequest(
  port: number,
  line: string,
  fields: readonly string[] = [],
  content = '',
): Promise<RawResponse> {
  const socket = connect(port, '127.0.0.1')
  socket.setTimeout(10_000, () => socket.destroy(new Error(`no response to ${line}`)))
  socket.write(
    `${[`${line} HTTP/1.1`, `Host: 127.0.0.1:${port}`, 'Connection: close', ...fields].join('\r\n')}\r\n\r\n${content}`,
  )
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(socket, 'close')
  const [head = '', body = ''] = Buffer.concat(chunks).toString().split('\r\n\r\n')
  const [first = '', ...rest] = head.split('\r\n')
  const headers = rest
    .map((field) => field.split(': ', 2))
    .map(([name = '', value = '']) => [name.toLowerCase(), value])
  return { status: Number(first.split(' ')[1]), headers: Object.fromEntries(headers) as Record<string, string>, body }
}
