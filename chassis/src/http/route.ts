import type { z } from 'zod'
import type { ProblemCode } from '../failure'
import type { Caller } from './caller'
import type { ResponseHeader } from './response-headers'

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

export interface RouteResult {
  status: number
  /** A Buffer or a text is sent as it is, anything else as JSON. */
  body?: unknown
  headers?: Record<string, string>
  /** Logged at `debug`: a monitor or a follower asks all the time, and this says nothing new. */
  isRoutine?: true
  /** What the log line of the request says besides: ids, and nothing that a person wrote. */
  logged?: Record<string, unknown>
}

export type ResponseSchema = z.ZodType | 'nothing'

interface Parsed<P extends z.ZodType, Q extends z.ZodType, H extends z.ZodType, B extends z.ZodType> {
  params: z.output<P>
  query: z.output<Q>
  headers: z.output<H>
  body: z.output<B>
  /** `nobody` if the route is open to anyone. */
  caller: Caller
  requestId: string
  /** What links in the body begin with. Those in headers get it by themselves. */
  prefix: string
  /** Aborted after the response, or when the caller has gone. Made on demand: an abort is 6 % of a GET. */
  signal: () => AbortSignal
  /** For a request that only waits: another one may be worked on meanwhile. */
  releaseSlot: () => void
}

interface RouteDefinition<P extends z.ZodType, Q extends z.ZodType, H extends z.ZodType, B extends z.ZodType> {
  method: Method
  path: string
  summary: string
  /** What generated clients call it; by default its method and path. */
  operationId?: string
  /** The group that the documents show it in; by default the first step of its path. */
  tag?: string
  /** `anyone`, with no token at all; or the scopes that may ask. */
  who: 'anyone' | readonly string[]
  params?: P
  query?: Q
  headers?: H
  body?: B
  responses: Readonly<Record<number, ResponseSchema>>
  /** The header fields that its responses can have, by status; the others follow from the rest. */
  responseHeaders?: Readonly<Record<number, readonly ResponseHeader[]>>
  /** The codes of the problems that are its own; the others follow from what it takes. */
  problems?: readonly ProblemCode[]
  mediaType?: string
  /** Exempt from load shedding. */
  always?: true
  /** Asked again and again, so that a trace of it says nothing. */
  isPolled?: true
  /** Open to every web page even in open mode, as it reveals nothing about anyone. */
  anyOrigin?: true
  /** What the rate limit counts by. */
  rateLimited?: 'address' | 'caller'
  handle(request: Parsed<P, Q, H, B>): Promise<RouteResult> | RouteResult
}

/** A route as data: parsing, access, 405 with `Allow` and the OpenAPI document are derived from it. */
export type Route = RouteDefinition<z.ZodType, z.ZodType, z.ZodType, z.ZodType>

export function route<
  P extends z.ZodType = z.ZodUndefined,
  Q extends z.ZodType = z.ZodUndefined,
  H extends z.ZodType = z.ZodUndefined,
  B extends z.ZodType = z.ZodUndefined,
>(definition: RouteDefinition<P, Q, H, B>): Route {
  return definition // the router passes each handler what its own schemas return
}
