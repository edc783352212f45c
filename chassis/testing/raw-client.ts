import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { connect } from 'node:net'
import { serverLimits, startServer } from '@tandem/chassis/server/listen'
import { silentLog, type Log } from '@tandem/chassis/log'
import { afterThisTest } from './temporary'

interface Options {
  limits?: Partial<typeof serverLimits>
  log?: Log
  logClientAddress?: boolean
}

/** A started server, as a service has it; stopped after the test. */
export async function listen(app: RequestListener, { limits, log = silentLog, ...options }: Options = {}) {
  const address = { host: '127.0.0.1', port: 0 }
  const server = await startServer(app, { ...address, ...options, log }, { ...serverLimits, ...limits })
  afterThisTest(() => server.stop(0))
  return server
}

/** A connection on which a test writes bytes and sees what comes back. */
export interface RawClient {
  send: (bytes: string) => void
  /** All that came. */
  text: () => string
  /** Of the responses, in their order. */
  statuses: () => number[]
  /** Says that nothing more is sent. */
  end: () => void
  destroy: () => void
  reset: () => void
  resume: () => void
  isClosed: () => boolean
  /** All that came until the server closed the connection. */
  untilClosed: () => Promise<string>
}

/** With `readsOn: false` it stops reading after the first bytes, until it is resumed. */
export async function rawClient(port: number, { readsOn = true } = {}): Promise<RawClient> {
  const socket = connect({ port, host: '127.0.0.1' })
  afterThisTest(() => socket.destroy())
  let received = ''
  const text = () => received
  let isClosed = false
  socket.setEncoding('utf8').on('data', (chunk: string) => (received += chunk))
  if (!readsOn) socket.once('data', () => socket.pause())
  const closed = new Promise<void>((resolve) => {
    socket.on('error', () => undefined) // a connection that is cut is what many tests want
    socket.on('close', () => {
      isClosed = true
      resolve()
    })
  })
  await once(socket, 'connect')
  return {
    send: (bytes) => void socket.write(bytes),
    text,
    statuses: () => [...text().matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status)),
    end: () => void socket.end(),
    destroy: () => void socket.destroy(),
    reset: () => void socket.resetAndDestroy(),
    resume: () => void socket.resume(),
    isClosed: () => isClosed,
    untilClosed: async () => {
      await closed
      return text()
    },
  }
}

/** The bytes of a request without a body. */
export function get(path: string, ...headers: string[]): string {
  return [`GET ${path} HTTP/1.1`, 'Host: a', ...headers, '\r\n'].join('\r\n')
}

/** The bytes of a request with a body of JSON. */
export function post(path: string, body: string, ...headers: string[]): string {
  const all = ['Host: a', 'Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`, ...headers]
  return [`POST ${path} HTTP/1.1`, ...all, '', body].join('\r\n')
}
