import { signal } from '@preact/signals-core'
import { Recent } from '../recent'

export const serviceNames = ['user-service', 'order-service'] as const
export type Service = (typeof serviceNames)[number]

export interface ApiRequest {
  service: Service
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  path: string
  token?: string | undefined
  idempotencyKey?: string
  requestId?: string
  body?: unknown
  /** A poll: not listed among the requests that can be copied. */
  isPoll?: boolean
  /** How long to wait for a response, in milliseconds. */
  timeoutMs?: number
}

export interface Reply {
  status: number
  body: unknown
  headers: Headers
  tookMs: number
}

/** A request, without its token, and what came of it. */
export interface Sent {
  at: number
  request: Omit<ApiRequest, 'token'> & { hasToken: boolean }
  /** Undefined if there was no response. */
  status: number | undefined
  tookMs: number
}

/** There was no response: whether the request was worked on is unknown. */
export class NoResponse extends Error {}

/** Calls the services through the gateway that served this page. */
export class Api {
  /** The last requests that were no polls, newest first. */
  readonly recent = new Recent<Sent>(30)
  /** Whether the gateway responded to the last request. */
  readonly isReachable = signal(true)

  constructor(private readonly fetch: typeof globalThis.fetch) {}

  /** Throws NoResponse. */
  async call(request: ApiRequest): Promise<Reply> {
    const { service, method, path, body, timeoutMs = request.isPoll ? 3000 : 10_000 } = request
    const began = performance.now()
    const took = (status: number | undefined) => {
      const tookMs = performance.now() - began
      if (!request.isPoll) this.recent.add({ at: Date.now(), request: withoutToken(request), status, tookMs })
      return tookMs
    }
    try {
      const response = await this.fetch(`/${service}${path}`, {
        method,
        headers: headersOf(request),
        signal: AbortSignal.timeout(timeoutMs),
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      const text = await response.text()
      this.isReachable.value = true
      return { status: response.status, body: parsed(text), headers: response.headers, tookMs: took(response.status) }
    } catch (error) {
      took(undefined)
      const isTimeout = error instanceof DOMException && error.name === 'TimeoutError'
      if (!isTimeout) this.isReachable.value = false
      throw new NoResponse(isTimeout ? `no response within ${timeoutMs / 1000} s` : 'the connection broke')
    }
  }
}

function headersOf({ token, idempotencyKey, requestId, body }: ApiRequest): Record<string, string> {
  return {
    ...(token !== undefined && { Authorization: `Bearer ${token}` }),
    ...(idempotencyKey !== undefined && { 'Idempotency-Key': idempotencyKey }),
    ...(requestId !== undefined && { 'X-Request-Id': requestId }),
    ...(body !== undefined && { 'Content-Type': 'application/json' }),
  }
}

function parsed(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    return undefined // not one of ours: the status says enough
  }
}

function withoutToken({ token, ...request }: ApiRequest): Sent['request'] {
  return { ...request, hasToken: token !== undefined }
}
