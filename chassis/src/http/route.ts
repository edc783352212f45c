import type { z } from 'zod'
import type { Caller } from '../auth/caller'

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

export interface Answer {
  status: number
  body?: unknown
  headers?: Record<string, string>
}

interface Parsed<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> {
  params: z.output<P>
  query: z.output<Q>
  body: z.output<B>
  /** Who asks; on a route for anyone it is nobody. */
  caller: Caller
  requestId: string
  /** A header as it came, by its name in lower case. */
  header: (name: string) => string | undefined
}

interface RouteDefinition<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> {
  method: Method
  /** With Express's parameters: `/things/:id`. */
  path: string
  /** The scopes that may ask, or `anyone`, with no token at all. */
  who: 'anyone' | readonly string[]
  params?: P
  query?: Q
  body?: B
  /** Of the answer, where it is not JSON. */
  mediaType?: string
  handle(request: Parsed<P, Q, B>): Promise<Answer> | Answer
}

/** A route, as data: from it come parsing, access, 405 with `Allow`, and whatever describes the service. */
export type Route = RouteDefinition<z.ZodType, z.ZodType, z.ZodType>

/** Declares a route; the handler gets what the schemas made of the request. */
export function route<
  P extends z.ZodType = z.ZodUndefined,
  Q extends z.ZodType = z.ZodUndefined,
  B extends z.ZodType = z.ZodUndefined,
>(definition: RouteDefinition<P, Q, B>): Route {
  return definition // what a handler takes is what its own schemas give: the router sees to that
}
