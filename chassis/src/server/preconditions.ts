import type { IncomingHttpHeaders } from 'node:http'
import { z } from 'zod'
import { Failure } from '../failure'
import type { Route } from '../http/route'

// RFC 9110, section 13.1; If-Range has no meaning without Range, nor Range outside of GET.
const preconditions = ['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since'] as const

/** Refuses undeclared preconditions on writes: ignoring one makes the change that the caller wanted to prevent. */
export function refusePreconditions({
  method,
  headers,
}: Pick<Route, 'method' | 'headers'>): (given: IncomingHttpHeaders) => void {
  const evaluated = headers instanceof z.ZodObject ? headers.shape : {}
  const refused = method === 'get' ? [] : preconditions.filter((name) => !Object.hasOwn(evaluated, name))
  return (given) => {
    const found = refused.filter((name) => given[name] !== undefined)
    if (found.length === 0) return
    const errors = found.map((name) => ({ pointer: `/header/${name}`, detail: 'is not supported here' }))
    throw new Failure('invalid-request', { errors })
  }
}
