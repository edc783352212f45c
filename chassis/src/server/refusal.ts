import { STATUS_CODES, type IncomingMessage, type RequestListener } from 'node:http'
import type { Socket } from 'node:net'

/** Why something that a connection brought never becomes a request to the app. No middleware sees it. */
export interface Refusal {
  status: number
  /** In a word, for the log. */
  reason: string
}

const statuses = new Map<string | undefined, number>([
  ['ERR_HTTP_REQUEST_TIMEOUT', 408],
  ['HPE_HEADER_OVERFLOW', 431],
])

/** The refusal of what Node's parser does not read as HTTP. */
export function parserRefusal({ code = 'unknown' }: NodeJS.ErrnoException): Refusal {
  return { status: statuses.get(code) ?? 400, reason: code }
}

/** The refusal of a request that parses, but that no server may serve (RFC 9112, sections 2.6 and 3.2). */
export function requestRefusal({ httpVersion, rawHeaders, headers }: IncomingMessage): Refusal | undefined {
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return { status: 505, reason: 'http-version' }
  let hosts = 0
  for (let i = 0; i < rawHeaders.length; i += 2) if (isHost(rawHeaders[i])) hosts += 1
  if (hosts > 1) return { status: 400, reason: 'several-hosts' }
  if (hosts === 0) return httpVersion === '1.1' ? { status: 400, reason: 'no-host' } : undefined
  return hostForm.test(headers.host ?? '') ? undefined : { status: 400, reason: 'malformed-host' }
}

// RFC 3986, section 3.2: a name or an address, and perhaps a port.
const hostForm = /^([\w.~%!$&'()*+,;=-]*|\[[\da-f:.]+\])(:\d*)?$/i

function isHost(name: string | undefined): boolean {
  return name?.length === 4 && name.toLowerCase() === 'host'
}

/** Responds to a request that is refused, and asks to close the connection: what comes after it cannot be relied on. */
export function refuse({ status }: Refusal): RequestListener {
  return (_req, res) => {
    const body = bodyOf(status)
    res.writeHead(status, headersOf(body)).end(body)
  }
}

/** Writes the same where there is no request, and closes. */
export function refuseOn(socket: Socket, { status }: Refusal): void {
  const body = bodyOf(status)
  const headers = Object.entries({ Date: new Date().toUTCString(), ...headersOf(body) })
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...headers.map(([name, value]) => `${name}: ${value}`)]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}

/** RFC 9457: `about:blank` says no more than the status. */
function bodyOf(status: number): string {
  return JSON.stringify({ type: 'about:blank', title: STATUS_CODES[status], status })
}

function headersOf(body: string) {
  return {
    Connection: 'close',
    'Content-Type': 'application/problem+json; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    'X-Content-Type-Options': 'nosniff',
  }
}
