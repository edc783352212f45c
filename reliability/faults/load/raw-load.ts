import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { serviceNames, type ServiceName } from '../../harness/compose-stack'
import type { FaultContext } from '../fault'
import { targetIn, type Target } from './slow-callers'

/** What callers on bare sockets do: each connection writes, reads the responses, and writes again. */
export interface RawLoad {
  /** Requests, byte for byte. Each connection sends one of them, in turn. */
  requests: string[]
  connections: number
  /** How many copies of its request a connection sends in one write. 0: it never sends anything. */
  inOneWrite: number
  /** How often a connection writes; if it is not given, until the time is over. */
  writes?: number
  /** Whether responses are read. If not, a connection writes once and then only waits. */
  reads: boolean
  /** All connections are closed after this long. */
  seconds: number
  /** One that the server closed before is opened again, at least so long after it was opened the last time; 100 if it is not given. */
  reopenAfterMs?: number
}

export interface RawResult {
  /** Responses by status. */
  statuses: Record<number, number>
  /** What was created: by which of the requests, with which status, and its `Location`. */
  created: { request: number; status: number; location: string }[]
  /** Connections that were opened, and the most of them at once. */
  opened: number
  atOnce: number
  /** Those that the server had not closed at the end. */
  left: number
  /** The longest time that one was open. */
  maxOpenSeconds: number
}

/** What is sent to the process. */
export interface Task {
  target: Pick<Target, 'host' | 'port'>
  load: RawLoad
}

/** A request, byte for byte. */
export function rawRequest({ method = 'GET', path, token, body }: RawRequest): string {
  const text = body === undefined ? '' : JSON.stringify(body)
  const headers = [
    `${method} ${path} HTTP/1.1`,
    'Host: localhost',
    ...(token === undefined ? [] : [`Authorization: Bearer ${token}`]),
    ...(body === undefined ? [] : ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(text)}`]),
  ]
  return `${headers.join('\r\n')}\r\n\r\n${text}`
}

interface RawRequest {
  method?: string
  path: string
  token?: string
  body?: object
}

/** Sends it to a service's container, by a process of its own, which takes no time from those who measure. */
export async function rawLoad(
  { stack, over }: Pick<FaultContext, 'stack' | 'over'>,
  service: ServiceName,
  load: RawLoad,
): Promise<RawResult> {
  const target = await targetIn(stack, service)
  const callers = fork(join(__dirname, 'raw-callers.ts'), { signal: over })
  callers.send({ target, load })
  const ended = once(callers, 'exit').then(([code]) => {
    throw new Error(`the callers ended with exit code ${String(code)}`)
  })
  const [result] = (await Promise.race([once(callers, 'message'), ended])) as [RawResult] // as raw-callers.ts sends it
  ended.catch(() => undefined) // it is done
  callers.disconnect()
  if (result.opened === 0) throw new Error(`no connection to ${service} could be opened`)
  return result
}

/** To one service after the other, each with its own load. */
export async function rawLoadOfEach(
  context: Pick<FaultContext, 'stack' | 'over'>,
  loads: Record<ServiceName, RawLoad>,
): Promise<RawResult[]> {
  const results: RawResult[] = []
  for (const service of serviceNames) results.push(await rawLoad(context, service, loads[service]))
  return results
}
