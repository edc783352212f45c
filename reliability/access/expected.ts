import type { Operation } from '../harness/operations'
import type { ServiceName } from '../harness/service-processes'
import type { Kind } from './who-may'

export const callers = [
  'nobody',
  'the owner',
  'another user',
  'an admin',
  'a service',
  'its key',
  'another key',
] as const
export type CallerName = (typeof callers)[number]

export interface Expected {
  /** 200 stands for whatever the route does if all is well. */
  status: 200 | 401 | 403 | 404
  challenge?: string
}

const fine: Expected = { status: 200 }
const noToken: Expected = { status: 401, challenge: 'Bearer' }
export const badToken: Expected = { status: 401, challenge: 'Bearer error="invalid_token"' }
const forbidden: Expected = { status: 403, challenge: 'Bearer error="insufficient_scope"' }
const notThere: Expected = { status: 404 }

/** What the contract says of a route, which `may` be used by these, to this caller. */
export function expected(
  service: ServiceName,
  { path }: Operation,
  may: readonly Kind[],
  caller: CallerName,
): Expected {
  if (may.includes('anyone')) return fine
  const acceptsTokens = may.some((kind) => kind !== 'key')
  switch (caller) {
    case 'nobody':
      return noToken
    case 'its key':
      return may.includes('key') ? fine : badToken
    case 'another key':
      if (!may.includes('key')) return badToken
      return path.includes('{') ? notThere : fine
    default:
      if (!acceptsTokens) return badToken
  }
  if (caller === 'a service' && service === 'order-service') return badToken // which has no service as its caller
  const kinds = { 'the owner': 'owner', 'another user': 'owner', 'an admin': 'admin', 'a service': 'service' } as const
  if (!may.includes(kinds[caller])) return forbidden
  if (caller !== 'another user') return fine
  return path.includes('{') ? notThere : forbidden // what is named in a body or query is no secret
}

/** Why a table of who may do what is not that of the document; undefined if it is. */
export function faultOfTable({ name, security }: Operation, may: readonly Kind[] | undefined): string | undefined {
  if (may === undefined) return `${name} is in no row of who-may.ts`
  const schemes = new Set<string>(
    may.filter((it) => it !== 'anyone').map((it) => (it === 'key' ? 'apiKey' : 'accessToken')),
  )
  const same = schemes.size === security.length && security.every((it) => schemes.has(it))
  return same ? undefined : `${name}: the document says ${security.join() || 'public'}, who-may.ts ${may.join()}`
}
