import http from 'node:http'
import https from 'node:https'
import type { System } from '../system'
import { limitAge } from './max-age'

/** How old a connection may get. */
export const maxAgeMs = 30_000

export interface OutgoingRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  path: string
  headers: Record<string, string>
  body?: string
}

export interface IncomingResponse {
  status: number
  headers: Readonly<Record<string, string | string[] | undefined>>
  body: string
}

export interface Transport {
  /** Rejects with NoResponse if no complete response arrives in time. */
  send(request: OutgoingRequest, timeoutMs: number): Promise<IncomingResponse>
  /** Aborts pending requests and refuses new ones. */
  close(): void
}

/** No complete response arrived in time. Whether the upstream did what was requested is unknown. */
export class NoResponse extends Error {
  override readonly name = 'NoResponse'

  /** `reason`: `timeout`, or a system error code such as `ECONNREFUSED`; for logs and timelines. */
  constructor(readonly reason: string) {
    super(`no response: ${reason}`)
  }
}

interface Options {
  baseUrl: string
  maxSockets?: number
  maxResponseBytes?: number
}

export function httpTransport(
  { baseUrl, maxSockets = 16, maxResponseBytes: maxAnswerBytes = 64 * 1024 }: Options,
  system: Pick<System, 'setTimeout' | 'clearTimeout' | 'monotonic'>,
): Transport {
  const { protocol, hostname, port, pathname } = new URL(baseUrl)
  const { request, Agent } = protocol === 'https:' ? https : http
  const agent = new Agent({ keepAlive: true, maxSockets, scheduling: 'lifo' })
  const noteConnection = limitAge(agent, maxAgeMs, system)
  const target = { agent, host: hostname.replace(/^\[|\]$/g, ''), ...(port && { port }) }
  const prefix = pathname.replace(/\/$/, '')
  let closed = false

  return {
    send: ({ method, path, headers, body }, timeoutMs) =>
      new Promise((resolve, reject) => {
        if (closed) throw new NoResponse('closed') // a destroyed agent would reconnect
        const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
        const outgoing = request({ ...target, method, path: prefix + path, headers: { ...headers, ...length } })
        const fail = (error: NodeJS.ErrnoException) => {
          system.clearTimeout(timer)
          reject(error instanceof NoResponse ? error : new NoResponse(error.code ?? 'unknown'))
          outgoing.destroy()
        }
        const timer = system.setTimeout(() => {
          fail(new NoResponse('timeout'))
        }, timeoutMs)
        outgoing.on('socket', noteConnection)
        outgoing.on('error', fail)
        outgoing.on('response', (incoming) => {
          readWhole(incoming, maxAnswerBytes).then((text) => {
            system.clearTimeout(timer)
            resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: text })
          }, fail)
        })
        outgoing.end(body)
      }),
    close: () => {
      closed = true
      agent.destroy()
    },
  }
}

function readWhole(incoming: http.IncomingMessage, maxAnswerBytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    incoming.setEncoding('utf8')
    incoming.on('data', (chunk: string) => {
      text += chunk
      if (text.length > maxAnswerBytes) incoming.destroy(new NoResponse('response-too-large'))
    })
    incoming.on('end', () => {
      resolve(text)
    })
    incoming.on('error', reject)
  })
}
