import type { Caller } from './caller'
import { parse } from './parse'
import type { Route, RouteResult } from './route'

interface Unparsed {
  params: unknown
  query: object
  headers: unknown
  body: unknown
  caller: Caller
  requestId: string
  standBy: (ended: () => void) => void
}

/** Parses what the route declares, and lets it handle the request. */
export async function runRoute(route: Route, request: Unparsed): Promise<RouteResult> {
  const { params, query, headers, body } = route
  return route.handle({
    params: params && parse(params, request.params, '/path'),
    query: query && parse(query, withoutEmpty(request.query), '/query'),
    headers: headers && parse(headers, request.headers, '/header'),
    body: body && parse(body, request.body),
    caller: request.caller,
    requestId: request.requestId,
    standBy: request.standBy,
  })
}

function withoutEmpty(query: object): object {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ''))
}
