import type { Response } from 'express'
import type { Failure } from '../failure'
import { pathPrefix } from './path-prefix'
import type { ProblemTypes } from './problem-types'
import type { RouteResult } from './route'

/** Longer lists would make the response larger than the request. */
export const maxErrors = 20

/** Default for HTML pages: load nothing, allow no frames, send no referrer. */
const pageHeaders = {
  'Content-Security-Policy':
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
}

export function ok(body: unknown, headers?: Record<string, string>): RouteResult {
  return { status: 200, body, ...(headers && { headers }) }
}

export function created(body: unknown, headers?: Record<string, string>): RouteResult {
  return { status: 201, body, ...(headers && { headers }) }
}

export const noContent: RouteResult = { status: 204 }

/** The same, for the log at `debug` only. */
export function routine(answer: RouteResult): RouteResult {
  return { ...answer, isRoutine: true }
}

export function send(
  res: Response,
  { status, body, headers }: RouteResult,
  mediaType = 'application/json; charset=utf-8',
): void {
  res.statusCode = status
  res.setHeader('X-Content-Type-Options', 'nosniff')
  if (mediaType.startsWith('text/html'))
    for (const [name, value] of Object.entries(pageHeaders)) res.setHeader(name, value)
  if (headers) for (const [name, value] of Object.entries(headers)) res.setHeader(name, withPrefix(res, name, value))
  if (body === undefined) {
    res.end()
    return
  }
  const content = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)
  res.setHeader('Content-Type', mediaType)
  res.setHeader('Content-Length', Buffer.byteLength(content))
  res.end(content)
}

function withPrefix(res: Response, name: string, value: string): string {
  if (name === 'Location') return pathPrefix(res) + value
  if (name === 'Link') return value.replaceAll('</', `<${pathPrefix(res)}/`)
  return value
}

/** What the caller gets for a failure. */
export function problemResult(failure: Failure, types: ProblemTypes, requestId: string, prefix = ''): RouteResult {
  const type = types[failure.code]
  if (type === undefined) throw new Error(`no problem type for code ${failure.code}`)
  const { status, title, explanation, headers } = type
  const body = {
    type: `${prefix}/problems/${failure.code}`,
    title,
    status,
    detail: failure.detail ?? explanation,
    code: failure.code,
    requestId,
    ...(failure.errors && { errors: failure.errors.slice(0, maxErrors) }),
    ...failure.members,
  }
  return { status, body, headers: { 'Cache-Control': 'no-store', ...headers, ...failure.headers } }
}

export function sendProblem(res: Response, failure: Failure, types: ProblemTypes): void {
  send(
    res,
    problemResult(failure, types, res.locals.requestId, pathPrefix(res)),
    'application/problem+json; charset=utf-8',
  )
}
