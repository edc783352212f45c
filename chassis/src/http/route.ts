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

/** What an answer of some status holds; `nothing` for no body. */
export type ResponseSchema = z.ZodType | 'nothing'

interface Parsed<P extends z.ZodType, Q extends z.ZodType, H extends z.ZodType, B extends z.ZodType> {
  params: z.output<P>
  query: z.output<Q>
  headers: z.output<H>
  body: z.output<B>
  /** Who asks; on a route for anyone it is nobody. */
  caller: Caller
  requestId: string
  /**
   * Says that the answer waits for something to happen: from here on the request is not among those that are worked on.
   * Calls back when it was answered or its caller has gone.
   */
  standBy: (ended: () => void) => void
}

interface RouteDefinition<P extends z.ZodType, Q extends z.ZodType, H extends z.ZodType, B extends z.ZodType> {
  method: Method
  /** With Express's parameters: `/things/:id`. */
  path: string
  /** What it is for, in a line. */
  summary: string
  /** `anyone`, with no token at all; or the scopes that may ask, `key` for whoever shows an API key. */
  who: 'anyone' | readonly string[]
  params?: P
  query?: Q
  /** By their names in lower case. */
  headers?: H
  body?: B
  /** What it answers where nothing is wrong, by status. */
  responses: Readonly<Record<number, ResponseSchema>>
  /** The codes of the problems that are its own; the others follow from what it takes. */
  problems?: readonly string[]
  /** Of the answer, where it is not JSON. */
  mediaType?: string
  /** Answered however busy the service is. */
  always?: true
  /** Open to every web page even in open mode, as it says nothing of anybody. */
  anyOrigin?: true
  /** Counted against the rate limit of the client's address, or of the caller. */
  rateLimited?: 'address' | 'caller'
  handle(request: Parsed<P, Q, H, B>): Promise<RouteResult> | RouteResult
}

/** A route, as data: from it come parsing, access, 405 with `Allow`, and the OpenAPI document. */
export type Route = RouteDefinition<z.ZodType, z.ZodType, z.ZodType, z.ZodType>

/** Declares a route; the handler gets what the schemas made of the request. */
export function route<
  P extends z.ZodType = z.ZodUndefined,
  Q extends z.ZodType = z.ZodUndefined,
  H extends z.ZodType = z.ZodUndefined,
  B extends z.ZodType = z.ZodUndefined,
>(definition: RouteDefinition<P, Q, H, B>): Route {
  return definition // what a handler takes is what its own schemas give: the router sees to that
}
