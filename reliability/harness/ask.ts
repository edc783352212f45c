import type { Address } from './tandem'

export interface Request {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: string
  token?: string
  key?: string
  ifMatch?: string
  body?: object
}

export interface Answer {
  status: number
  headers: Headers
  body: any // eslint-disable-line @typescript-eslint/no-explicit-any -- what it holds is for the test to check
}

/** The same of a service at an address. */
export function askAt({ port, prefix }: Address, request: Request, withinMs?: number): Promise<Answer> {
  return askPort(port, { ...request, path: prefix + request.path }, withinMs)
}

/** Sends a request to this machine. Rejects if no complete response arrives in time. */
export async function askPort(
  port: number,
  { method = 'GET', path, token, key, ifMatch, body }: Request,
  withinMs = 5_000,
): Promise<Answer> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(key && { 'idempotency-key': key }),
      ...(ifMatch && { 'if-match': ifMatch }),
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(withinMs),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) }
}
