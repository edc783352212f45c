import fc from 'fast-check'
import { once } from 'node:events'
import { connect } from 'node:net'
import { readResponse, type Received } from '../harness/raw-connection'
import type { ServiceName } from '../harness/service-processes'
import { oneOf, type Draw } from './values'

export interface Attack {
  name: string
  chunks: (string | Buffer)[]
  /** The statuses that may come back, in their order; by default any, and none. */
  expected?: readonly (readonly number[])[]
  /** Hangs up after the last chunk, without waiting. */
  hangsUp?: boolean
}

/** Routes that need a token. */
const guardedPosts = { 'user-service': '/tokens', 'order-service': '/orders' }
const once400 = [[400]]

/** A way to bend HTTP. */
export function attack(draw: Draw, service: ServiceName, prefix: string): Attack {
  return oneOf(draw, attacksAt(prefix, guardedPosts[service]))(draw)
}

const fixed = (name: string, text: string, expected?: Attack['expected']) => (): Attack => ({
  name,
  chunks: [text],
  ...(expected && { expected }),
})

function attacksAt(prefix: string, guardedPost: string): readonly ((draw: Draw) => Attack)[] {
  const line = `GET ${prefix}/health/live HTTP/1.1\r\nHost: a\r\n`
  const get = `${line}\r\n`
  const post = `POST ${prefix}${guardedPost} HTTP/1.1\r\nHost: a\r\n`
  return [
    (draw) => {
      const count = draw(fc.integer, { min: 2, max: 12 })
      return { name: 'pipelining', chunks: [get.repeat(count)], expected: Array.from({ length: count }, () => [200]) }
    },
    (draw) => {
      const cut = draw(fc.integer, { min: 1, max: get.length - 1 })
      return { name: 'half a request', chunks: [get.slice(0, cut)], hangsUp: true }
    },
    () => {
      const bytes = get.split(/(?:)/).map((it) => Buffer.from(it))
      return { name: 'byte by byte', chunks: bytes, expected: [[200]] }
    },
    () => ({ name: 'half a body', chunks: [`${post}Content-Length: 100\r\n\r\n{`], hangsUp: true }),
    (draw) => ({
      name: 'noise',
      chunks: [Buffer.from(draw(fc.uint8Array, { minLength: 1, maxLength: 300 }))],
      hangsUp: true,
    }),
    (draw) => ({
      name: 'version',
      chunks: [
        `GET ${prefix}/ HTTP/${oneOf(draw, ['2.0', '1.2', '3.0', '0.9', '9.9', '11', '1.', 'x'])}\r\nHost: a\r\n\r\n`,
      ],
      expected: [[400, 505]],
    }),
    fixed('no host', `GET ${prefix}/ HTTP/1.1\r\n\r\n`, once400),
    fixed('HTTP/1.0', `GET ${prefix}/health/live HTTP/1.0\r\n\r\n`, [[200]]),
    fixed('HTTP/0.9', `GET ${prefix}/\r\n\r\n`, [[400, 505]]),
    fixed('HTTP/2 preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    fixed(
      'length and chunks',
      `${post}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${get}`,
      once400,
    ),
    fixed('two lengths', `${post}Content-Length: 4\r\nContent-Length: 0\r\n\r\n${get}`, once400),
    (draw) => ({
      name: 'odd length',
      chunks: [
        `${post}Content-Length: ${oneOf(draw, ['-1', '+1', '0x1', '1e1', '1 1', '99999999999999999999', 'a'])}\r\n\r\n${get}`,
      ],
      expected: once400,
    }),
    (draw) => ({
      name: 'odd encoding',
      chunks: [
        `${post}Transfer-Encoding: ${oneOf(draw, ['xchunked', 'chunked, gzip', 'chunked chunked', '\x0bchunked'])}\r\n\r\n0\r\n\r\n${get}`,
      ],
      expected: [[400, 401]], // the head may be responded to before the rest is refused
    }),
    (draw) => ({
      name: 'odd chunk',
      chunks: [
        `${post}Transfer-Encoding: chunked\r\n\r\n${oneOf(draw, ['g', '-1', '0x1', 'fffffffffffffffff', '1;\n', ''])}\r\na\r\n0\r\n\r\n`,
      ],
    }),
    fixed('chunk extensions', `${post}Transfer-Encoding: chunked\r\n\r\n1;${'x=y;'.repeat(8000)}\r\na\r\n0\r\n\r\n`),
    fixed('trailers', `${post}Transfer-Encoding: chunked\r\n\r\n0\r\nAuthorization: Bearer x\r\n\r\n`, [[401]]),
    fixed('folded header', `${line}X: a\r\n b\r\n\r\n`),
    fixed('space before colon', `${line}X : a\r\n\r\n`, once400),
    fixed('bare line feeds', `GET ${prefix}/health/live HTTP/1.1\nHost: a\n\n`),
    fixed('NUL in a header', `${line}X: a\0b\r\n\r\n`, once400),
    fixed('carriage return in a header', `${line}X: a\rb\r\n\r\n`, once400),
    fixed('absolute form', `GET http://a${prefix}/health/live HTTP/1.1\r\nHost: b\r\n\r\n`, [[200]]),
    fixed('asterisk', 'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n', [[404]]),
    fixed('authority form', 'CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n', [[501]]),
    fixed('upgrade', `${line}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\n`, [
      [200],
    ]),
    fixed('expectation', `${post}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}`, [[401]]),
    fixed('odd expectation', `${post}Expect: pay\r\nContent-Length: 2\r\n\r\n{}`, [[417]]),
    fixed('long target', `GET ${prefix}/${'a'.repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, [[431]]),
    fixed('long header', `${line}X: ${'a'.repeat(20_000)}\r\n\r\n`, [[431]]),
    fixed('a body that looks like a request', `${post}Content-Length: ${get.length}\r\n\r\n${get}`, [[401]]),
  ]
}

const quietMs = 50
const maxMs = 5_000

/** Sends it on a connection of its own. Returns what came, until the service closed or nothing more came. */
export async function send(port: number, { chunks, hangsUp, expected }: Attack): Promise<Received[]> {
  const socket = connect(port, '127.0.0.1').setNoDelay()
  socket.on('error', () => undefined)
  let bytes = Buffer.alloc(0)
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  await Promise.race([once(socket, 'connect').catch(() => undefined), closed])
  const over = new Promise<void>((resolve) => {
    let timer = setTimeout(resolve, maxMs)
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk])
      clearTimeout(timer)
      timer = setTimeout(resolve, all(bytes).length < (expected?.length ?? 1) ? maxMs : quietMs)
    })
    void closed.then(resolve).then(() => clearTimeout(timer))
  })
  for (const chunk of chunks) socket.write(chunk)
  if (hangsUp) socket.end()
  await over
  socket.destroy()
  return all(bytes)
}

function all(bytes: Buffer): Received[] {
  const found: Received[] = []
  for (let rest = bytes; ;) {
    const response = readResponse(rest, 'GET')
    if (!response) return found
    found.push(response)
    rest = rest.subarray(response.length)
  }
}
