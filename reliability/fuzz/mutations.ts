import fc from 'fast-check'
import { bodyMutations } from './body-mutations'
import { hostileHeaderValue, tokens } from './hostile-headers'
import type { FuzzRequest } from './request'
import { hostileText, oneOf, type Draw } from './values'

export interface Mutated {
  request: FuzzRequest
  /** The statuses of which the response must have one; by default any that the document has. */
  expected?: readonly number[] | undefined
}

export interface Mutation {
  name: string
  /** Whether it can be done to such a request. */
  fits: (request: FuzzRequest) => boolean
  apply: (draw: Draw, request: FuzzRequest) => Mutated
}

const always = () => true
const isGuarded = ({ operation }: FuzzRequest) => operation.security.length > 0

export const mutations: readonly Mutation[] = [
  ...bodyMutations,
  {
    name: 'broken token',
    fits: isGuarded,
    apply: (draw, request) => {
      const token = oneOf(draw, tokens)(draw, authorizationOf(request))
      return { request: withHeader(without(request, 'Authorization'), 'Authorization', token), expected: [401] }
    },
  },
  {
    name: 'no token',
    fits: isGuarded,
    apply: (_draw, request) => ({ request: without(request, 'Authorization'), expected: [401] }),
  },
  {
    name: 'method',
    fits: always,
    apply: (draw, request) => {
      const method = oneOf(draw, [
        'HEAD',
        'OPTIONS',
        'PUT',
        'DELETE',
        'PATCH',
        'POST',
        'TRACE',
        'PROPFIND',
        'get',
        'QUERY',
      ])
      return { request: { ...request, method } }
    },
  },
  {
    name: 'path encoding',
    fits: ({ operation }) => operation.path.includes('{'),
    apply: (draw, request) => {
      const last = oneOf(draw, ['%', '%zz', '%c3%28', '%ff', '%e0%80%80', '%f0%9f'])
      const expected = request.operation.path.endsWith('}') ? [400] : [404]
      return { request: { ...request, path: request.path.replace(/[^/]+$/, last) }, expected }
    },
  },
  {
    name: 'path',
    fits: always,
    apply: (draw, request) => {
      const steps = request.path.split('/')
      const at = draw(fc.integer, { min: 1, max: steps.length })
      steps[at] = encodeURIComponent(hostileText(draw).toWellFormed())
      const trick = oneOf(draw, ['', '', '/', '//', '/..', ';x', '%2f', '%00', '.json'])
      return { request: { ...request, path: steps.join('/') + trick } }
    },
  },
  {
    name: 'unknown query key',
    fits: ({ operation }) => operation.parameters.some((it) => it.in === 'query'),
    apply: (draw, request) => {
      const name = oneOf(draw, ['x', '__proto__', 'constructor', 'limit[]', 'limit[x]', 'LIMIT'])
      return { request: { ...request, query: [...request.query, [name, '1']] }, expected: [400] }
    },
  },
  {
    name: 'query',
    fits: always,
    apply: (draw, request) => {
      const names = request.operation.parameters.filter((it) => it.in === 'query').map(({ name }) => name)
      const name = draw(fc.boolean) && names.length > 0 ? oneOf(draw, names) : hostileText(draw)
      return { request: { ...request, query: [...request.query, [name, hostileText(draw)]] } }
    },
  },
  {
    name: 'header',
    fits: always,
    apply: (draw, request) => {
      const known = ['If-Match', 'If-None-Match', 'Idempotency-Key', 'X-Request-Id', 'traceparent', 'tracestate']
      const more = ['Origin', 'Range', 'Accept', 'X-Forwarded-For', 'X-Forwarded-Prefix', 'X-HTTP-Method-Override']
      const name = oneOf(draw, [...known, ...more, 'Cookie', 'If-Modified-Since', '__proto__', 'Accept-Encoding'])
      return { request: withHeader(request, name, hostileHeaderValue(draw)) }
    },
  },
  {
    name: 'many headers',
    fits: always,
    apply: (draw, request) => {
      const count = draw(fc.integer, { min: 50, max: 1500 })
      const added = Array.from({ length: count }, (_, i): [string, string] => [`x-${i}`, '1'])
      return { request: { ...request, headers: [...request.headers, ...added] } }
    },
  },
  {
    name: 'two hosts',
    fits: always,
    apply: (_draw, request) => ({
      request: { ...request, headers: [['Host', 'a'], ['Host', 'b'], ...request.headers] },
      expected: [400],
    }),
  },
]

function authorizationOf({ headers }: FuzzRequest): string {
  return headers.find(([name]) => name === 'Authorization')?.[1] ?? 'Bearer x'
}

export function without(request: FuzzRequest, header: string): FuzzRequest {
  return { ...request, headers: request.headers.filter(([name]) => name !== header) }
}

export function withHeader(request: FuzzRequest, name: string, value: string): FuzzRequest {
  return { ...request, headers: [...request.headers, [name, value]] }
}
