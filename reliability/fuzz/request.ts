import fc from 'fast-check'
import { whoMay, type Kind } from '../access/who-may'
import type { Operation, Operations } from '../harness/operations'
import type { ServiceName } from '../harness/service-processes'
import { oneOf, validValue, type Draw } from './values'
import type { User, World } from './world'

export interface FuzzRequest {
  operation: Operation
  method: string
  path: string
  query: [name: string, value: string][]
  headers: [name: string, value: string][]
  /** The body as JSON, and as what is sent. */
  json: unknown
  body: Buffer | undefined
  user: User
}

/** These end the process or make it fail, which is what they are for; they exist with CHAOS=on only. */
export const leftOut = ['post /faults/crash', 'put /faults']

/** The gateway hides it. */
const notBehindGateway = 'get /metrics'

/** A request that the document accepts, by somebody who may make it. */
export function validRequest(draw: Draw, service: ServiceName, operations: Operations, world: World): FuzzRequest {
  const wantsBody = draw(fc.boolean)
  const operation = oneOf(
    draw,
    operations.all.filter(
      ({ name, body }) =>
        !leftOut.includes(name) &&
        !(world.isBehindGateway && name === notBehindGateway) &&
        (body !== undefined || !wantsBody),
    ),
  )
  const user = oneOf(draw, world.users)
  const { kind, credential } = callerOf(draw, service, operation, user, world)
  const given: Record<string, unknown> = {
    productId: oneOf(draw, world.products),
    quantity: draw(fc.integer, { min: 1, max: 3 }),
    amountCents: draw(fc.integer, { min: 1, max: 100 }),
    priceCents: draw(fc.integer, { min: 1, max: 100 }), // so that a user can pay for it
  }
  const valueOf = (name: string) => {
    const parameter = operation.parameters.find((it) => it.name === name)
    if (name === 'id') return idFor(draw, operation, user, world)
    if (name === 'userId') return user.id
    if (name === 'timeout') return draw(fc.nat, { max: 3 })
    if (name === 'If-Match' && operation.path.startsWith('/users')) return '*'
    if (name === 'code') return oneOf(draw, ['not-found', 'internal'])
    return validValue(draw, parameter?.schema ?? {}, operations, given)
  }
  // The two preconditions of a product contradict each other, and an event id must be one of the service's own.
  const skipped = ['lastEventId', 'If-None-Match']
  const used = operation.parameters.filter(
    ({ name, required }) => required || (!skipped.includes(name) && draw(fc.boolean)),
  )
  const named = (where: string): [string, string][] =>
    used.filter((it) => it.in === where).map(({ name }) => [name, String(valueOf(name))])
  const inPath = Object.fromEntries(named('path'))
  const json = operation.body && withOwner(validValue(draw, operation.body, operations, given), kind, user, operation)
  return {
    operation,
    method: operation.method,
    path: operation.path.replace(/{(\w+)}/g, (_, name: string) => encodeURIComponent(inPath[name] ?? '')),
    query: named('query'),
    headers: [
      ...named('header'),
      ...(credential === undefined ? [] : [['Authorization', `Bearer ${credential}`] as [string, string]]),
      ...(json === undefined ? [] : [['Content-Type', 'application/json'] as [string, string]]),
    ],
    json,
    body: json === undefined ? undefined : Buffer.from(JSON.stringify(json)),
    user,
  }
}

function withOwner(json: unknown, kind: Kind, user: User, { name }: Operation): unknown {
  const isOrder = name === 'post /orders' && (kind === 'admin' || Object.hasOwn(json as object, 'userId'))
  return isOrder ? { ...(json as object), userId: user.id } : json
}

function idFor(draw: Draw, { path }: Operation, user: User, world: World): string {
  if (path.startsWith('/users')) return user.id
  if (path.startsWith('/products')) return oneOf(draw, world.products)
  return path.startsWith('/orders') ? world.orderOf(user) : draw(fc.uuid)
}

function kindsOf(service: ServiceName, route: string): readonly Kind[] {
  return whoMay[service].get(route) ?? ['admin']
}

function callerOf(draw: Draw, service: ServiceName, operation: Operation, user: User, world: World) {
  const kind = oneOf(draw, kindsOf(service, operation.name))
  const credentials: Record<Kind, string | undefined> = {
    anyone: undefined,
    key: user.apiKey,
    owner: user.token,
    admin: world.admin,
    service: world.service,
  }
  return { kind, credential: credentials[kind] }
}

/** The bytes on the wire. */
export function bytesOf({ method, path, query, headers, body }: FuzzRequest, prefix: string): Buffer {
  const search = query.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&')
  const sized = headers.some(([name]) => /^(content-length|transfer-encoding)$/i.test(name))
  const fields = [
    ...(headers.some(([name]) => name === 'Host') ? [] : ['Host: 127.0.0.1']),
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(body && !sized ? [`Content-Length: ${body.length}`] : []),
  ]
  const target = `${prefix}${path}${search === '' ? '' : `?${search}`}`
  const head = Buffer.from(`${method} ${target} HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n`, 'latin1')
  return body ? Buffer.concat([head, body]) : head
}

function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}
