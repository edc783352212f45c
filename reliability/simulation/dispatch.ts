import { problemResult } from '@tandem/chassis/http/response'
import { commonProblemTypes, type ProblemTypes } from '@tandem/chassis/http/problem-types'
import type { Route, RouteResult } from '@tandem/chassis/http/route'
import { runRoute } from '@tandem/chassis/http/run-route'
import { failureOf } from '@tandem/chassis/server/framework-errors'

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

/** What a service responds, without sockets, tokens and limits. */
export async function dispatch({ routes, problemTypes }: Target, request: SimulatedRequest): Promise<SimulatedAnswer> {
  const { pathname, searchParams } = new URL(request.path, 'http://service')
  const { route, params } = find(routes, request.method, pathname)
  const query = Object.fromEntries(searchParams)
  const { body, headers, caller } = request
  const waiting = { signal: () => new AbortController().signal, releaseSlot: () => undefined } // no caller hangs up
  try {
    return asSent(
      await runRoute(route, { params, query, headers, body, caller, requestId: 'simulated', prefix: '', ...waiting }),
    )
  } catch (error) {
    const failure = failureOf(error)
    if (failure.code === 'internal')
      return { status: 500, headers: {}, body: { code: 'internal', error: String(error) } }
    return asSent(problemResult(failure, { ...commonProblemTypes, ...problemTypes }, 'simulated'))
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

/** The body as its receiver parses it. */
function asSent({ status, headers = {}, body }: RouteResult): SimulatedAnswer {
  if (body === undefined) return { status, headers, body }
  return { status, headers, body: JSON.parse(typeof body === 'string' ? body : JSON.stringify(body)) as unknown }
}
