import type { z } from 'zod'
import type { Caller } from './caller'

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

export interface RouteResult {
  status: number
  /** A Buffer or a text is sent as it is, anything else as JSON. */
  body?: unknown
  headers?: Record<string, string>
  /** Logged at `debug`: a monitor or a follower asks all the time, and this says nothing new. */
  isRoutine?: true
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
  /** Releases the request's slot while it waits. Calls back after the response, or when the caller has gone. */
  standBy: (ended: () => void) => void
}

interface RouteDefinition<P extends z.ZodType, Q extends z.ZodType, H extends z.ZodType, B extends z.ZodType> {
  method: Method
  path: string
  summary: string
  /** `anyone` needs no token; otherwise the accepted scopes, where `key` means an API key. */
  who: 'anyone' | readonly string[]
  params?: P
  query?: Q
  headers?: H
  body?: B
  responses: Readonly<Record<number, ResponseSchema>>
  /** Its own problem codes; the common ones follow from the rest of the definition. */
  problems?: readonly string[]
  mediaType?: string
  /** Exempt from load shedding. */
  always?: true
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
