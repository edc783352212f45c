import { z } from 'zod'
import type { Queries } from '../database/database'
import { noContent } from '../http/response'
import { page, pageQuery } from '../http/page'
import type { ProblemTypes } from '../http/problem-types'
import { route, type Route } from '../http/route'
import { id } from '../http/fields'
import type { Follower } from './follower'
import { listParked } from './follower-store'

const ParkedEvent = z.strictObject({
  id: z.string(),
  feed: z.string(),
  error: z.string(),
  parkedAt: z.iso.datetime(),
})

export const followerProblemTypes: ProblemTypes = {
  'event-not-handled': {
    status: 409,
    title: 'Event not handled',
    explanation: 'The event still cannot be handled. It stays parked; GET /parked-events says why.',
  },
}

export function followerRoutes({ follower, read }: { follower: Follower; read: Queries }): Route[] {
  return [
    route({
      method: 'get',
      path: '/parked-events',
      summary: 'The events that could not be handled, newest first',
      who: ['admin'],
      query: z.strictObject(pageQuery(id)),
      responses: { 200: z.array(ParkedEvent) },
      handle: async ({ query: { limit, after } }) => {
        return page('/parked-events', { limit }, await listParked(read, follower.feed, { after, limit: limit + 1 }))
      },
    }),
    route({
      method: 'post',
      path: '/parked-events/:id/retry',
      summary: 'Read a parked event from its feed again, and handle it',
      who: ['admin'],
      params: z.strictObject({ id }),
      responses: { 204: 'nothing' },
      problems: ['not-found', 'event-not-handled'],
      handle: async ({ params, requestId }) => {
        await follower.retry(params.id, requestId)
        return noContent
      },
    }),
  ]
}
