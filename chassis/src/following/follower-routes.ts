import { z } from 'zod'
import type { Queries } from '../database/database'
import { noContent } from '../http/response'
import { page, pageQuery } from '../http/page'
import type { ProblemTypes } from '../http/problem-types'
import { route, type Route } from '../http/route'
import { id } from '../http/fields'
import type { Follower } from './follower'
import { listParked } from './follower-store'

const ParkedEvent = z
  .strictObject({ id: z.string(), feed: z.string(), error: z.string(), parkedAt: z.iso.datetime() })
  .meta({
    id: 'ParkedEvent',
    examples: [
      {
        id: '0190f3c7-0e11-7b52-a4d8-0123456789ab',
        feed: 'another-service',
        error: 'no handler for this type',
        parkedAt: '2026-01-31T12:00:00.000Z',
      },
    ],
  })

export const followerProblemTypes = {
  'event-not-handled': {
    status: 409,
    title: 'Event not handled',
    explanation: 'The event still cannot be handled and stays parked. GET /parked-events shows the error.',
  },
} satisfies ProblemTypes

declare module '../failure' {
  interface ProblemCodes {
    follower: keyof typeof followerProblemTypes
  }
}

export function followerRoutes({ follower, read }: { follower: Follower; read: Queries }): Route[] {
  return [
    route({
      method: 'get',
      path: '/parked-events',
      operationId: 'listParkedEvents',
      summary: 'List the events that could not be handled (dead letters), newest first',
      who: ['admin'],
      query: z.strictObject(pageQuery(id)),
      responses: { 200: z.array(ParkedEvent) },
      responseHeaders: { 200: ['Link'] },
      handle: async ({ query: { limit, after } }) => {
        return page('/parked-events', { limit }, await listParked(read, follower.feed, { after, limit: limit + 1 }))
      },
    }),
    route({
      method: 'post',
      path: '/parked-events/:id/retry',
      operationId: 'retryParkedEvent',
      summary: 'Read a parked event from its feed again and handle it',
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
