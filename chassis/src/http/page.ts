import { z } from 'zod'
import { integer } from '../http/fields'
import type { RouteResult } from './route'

const pageLimit = integer({ min: 1, max: 100 }).prefault('20')

export function pageQuery<A extends z.ZodType>(after: A) {
  return { limit: pageLimit, after: after.optional() }
}

/** Builds a keyset page. `rows` may hold one more than the limit: then `Link` (RFC 8288) names the next page. */
export function page(
  path: string,
  { limit, filters = {} }: { limit: number; filters?: Record<string, string | undefined> },
  rows: { id: string }[],
): RouteResult {
  const body = rows.slice(0, limit)
  const last = body.at(-1)
  if (rows.length <= limit || last === undefined) return { status: 200, body }
  const given = Object.entries(filters).filter((filter): filter is [string, string] => filter[1] !== undefined)
  const query = new URLSearchParams([...given, ['limit', String(limit)], ['after', last.id]])
  return { status: 200, body, headers: { Link: `<${path}?${query.toString()}>; rel="next"` } }
}
