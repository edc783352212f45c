import { Failure } from '@tandem/chassis/failure'
import { parse } from '@tandem/chassis/http/parse'
import { commonProblemTypes, type ProblemTypes } from '@tandem/chassis/http/problem-types'
import type { Route } from '@tandem/chassis/http/route'

export interface SimulatedRequest {
  method: string
  /** With its query. */
  path: string
  headers: Record<string, string>
  body?: unknown
  /** Who asks, where the service has checked that already. */
  caller: { id: string; scopes: string[] }
}

export interface SimulatedAnswer {
  status: number
  headers: Record<string, string>
  /** As the caller gets it: parsed JSON, or nothing. */
  body: unknown
}

interface Target {
  routes: readonly Route[]
  problemTypes: ProblemTypes
}

/** What a service answers: its own routes, schemas, handlers and problem codes, without sockets, tokens and limits. */
export async function dispatch(
  { routes, problemTypes }: Target,
  request: SimulatedRequest,
  standBy: (ended: () => void) => void,
): Promise<SimulatedAnswer> {
  const url = new URL(request.path, 'http://service')
  try {
    const { route, params } = find(routes, request.method, url.pathname)
    const {
      status,
      headers = {},
      body,
    } = await route.handle({
      params: route.params && parse(route.params, params, '/path'),
      query: route.query && parse(route.query, Object.fromEntries(url.searchParams), '/query'),
      headers: route.headers && parse(route.headers, request.headers, '/header'),
      body: route.body && parse(route.body, request.body),
      caller: request.caller,
      requestId: 'simulated',
      standBy,
    })
    return { status, headers, body: typeof body === 'string' ? JSON.parse(body) : copyOf(body) }
  } catch (error) {
    return problem({ ...commonProblemTypes, ...problemTypes }, error)
  }
}

function find(routes: readonly Route[], method: string, pathname: string) {
  for (const route of routes) {
    const pattern = new RegExp(`^${route.path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`)
    const found = route.method === method.toLowerCase() ? pattern.exec(pathname) : null
    if (found) return { route, params: { ...found.groups } }
  }
  throw new Error(`no such route: ${method} ${pathname}`)
}

function problem(types: ProblemTypes, error: unknown): SimulatedAnswer {
  if (!(error instanceof Failure)) return { status: 500, headers: {}, body: { code: 'internal', error: String(error) } }
  const { code, headers, errors, members } = error
  return { status: types[code]?.status ?? 500, headers, body: { code, ...(errors && { errors }), ...members } }
}

function copyOf(body: unknown): unknown {
  return body === undefined ? undefined : JSON.parse(JSON.stringify(body))
}
