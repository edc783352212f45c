import { parse } from './parse'
import type { Route, RouteResult } from './route'

type Unparsed = Parameters<Route['handle']>[0] & { query: object }

/** Parses what the route declares, and lets it handle the request. */
export async function runRoute(route: Route, request: Unparsed): Promise<RouteResult> {
  const { params, query, headers, body } = route
  return route.handle({
    ...request,
    params: params && parse(params, request.params, '/path'),
    query: query && parse(query, withoutEmpty(request.query), '/query'),
    headers: headers && parse(headers, request.headers, '/header'),
    body: body && parse(body, request.body),
  })
}

function withoutEmpty(query: object): object {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ''))
}
