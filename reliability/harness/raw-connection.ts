import { connect, type Socket } from 'node:net'

export interface Received {
  status: number
  headers: Record<string, string>
  body: string
}

const maxWaitMs = 40_000

/** A connection for requests given as bytes, one after the other; it connects again after the service closed it. */
export class RawConnection {
  #socket: Socket | undefined

  constructor(private readonly port: number) {}

  /** Returns undefined if the connection was closed before a whole response had arrived, or nothing came for too long. */
  async exchange(request: Buffer, method: string): Promise<Received | undefined> {
    const socket = (this.#socket ??= connect(this.port, '127.0.0.1').setNoDelay())
    const received = await receive(socket, request, method)
    if (received === undefined || received.headers.connection === 'close') this.close()
    return received
  }

  close(): void {
    this.#socket?.destroy()
    this.#socket = undefined
  }
}

function receive(socket: Socket, request: Buffer, method: string): Promise<Received | undefined> {
  return new Promise((resolve) => {
    let bytes: Buffer = Buffer.alloc(0)
    const timer = setTimeout(() => finish(undefined), maxWaitMs)
    const finish = (received: Received | undefined) => {
      clearTimeout(timer)
      socket.removeAllListeners()
      socket.on('error', () => undefined)
      resolve(received)
    }
    socket.on('error', () => finish(undefined))
    socket.on('close', () => finish(undefined))
    socket.on('data', (chunk: Buffer) => {
      bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk])
      const whole = readResponse(bytes, method)
      if (whole) finish(whole)
    })
    socket.write(request)
  })
}

/** The first whole response in the bytes; undefined while some of it is missing. */
export function readResponse(bytes: Buffer, method: string): (Received & { length: number }) | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n')
  if (headEnd === -1) return undefined
  const [first = '', ...fields] = bytes.toString('latin1', 0, headEnd).split('\r\n')
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(first)?.[1])
  const headers: Record<string, string> = {}
  for (const field of fields) {
    const colon = field.indexOf(':')
    headers[field.slice(0, colon).toLowerCase()] = field.slice(colon + 1).trim()
  }
  const start = headEnd + 4
  if (status >= 100 && status < 200) return readResponse(bytes.subarray(start), method)
  const hasBody = method !== 'HEAD' && status !== 204 && status !== 304
  const length = start + (hasBody ? Number(headers['content-length'] ?? 0) : 0)
  if (bytes.length < length) return undefined
  return { status, headers, body: bytes.toString('utf8', start, length), length }
}
