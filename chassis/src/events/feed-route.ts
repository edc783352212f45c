import { z } from 'zod'
import { integer } from '../service/config'
import { Failure } from '../failure'
import { ok, routine } from '../http/response'
import { route, type Route } from '../http/route'
import { id } from '../http/fields'
import type { EventFeed } from './event-feed'

/** Response header: how many events follow the last one in this page. */
export const remainingEvents = 'Remaining-Events'

interface Options {
  feed: EventFeed
  types: Readonly<Record<string, z.ZodType>>
  who: readonly string[]
}

/** The event log over HTTP, by the HTTP Feeds specification (http-feeds.org), in CloudEvents 1.0. */
export function feedRoute({ feed, types, who }: Options): Route {
  return route({
    method: 'get',
    path: '/events',
    summary: 'What happened here, oldest first; waits for more where there is nothing yet',
    who,
    query: z.strictObject({
      lastEventId: id.optional(),
      limit: integer({ min: 1, max: 1000 }).prefault('100'),
      timeout: integer({ min: 0, max: 30_000 }).prefault('0').describe('How long to wait, in milliseconds'),
    }),
    responses: { 200: z.array(anyOf(feed.source, types)) },
    mediaType: 'application/cloudevents-batch+json',
    handle: async ({ query: { lastEventId, limit, timeout }, standBy }) => {
      const after = lastEventId === undefined ? 0 : await feed.numberOf(lastEventId)
      if (after === undefined) throw unknownEvent()
      const page = await feed.read({ after, limit }, timeout, standBy)
      const answer = ok(page.json, { [remainingEvents]: String(page.remaining) })
      return page.events === 0 ? routine(answer) : answer
    },
  })
}

function anyOf(source: string, types: Options['types']): z.ZodType {
  const schemas = Object.entries(types).map(([type, data]) =>
    z.strictObject({
      specversion: z.literal('1.0'),
      id: z.uuid(),
      source: z.literal(source),
      type: z.literal(type),
      subject: z.string(),
      time: z.iso.datetime(),
      datacontenttype: z.literal('application/json'),
      data,
    }),
  )
  return z.union(schemas)
}

function unknownEvent(): Failure {
  return new Failure('invalid-request', {
    errors: [{ pointer: '/query/lastEventId', detail: 'there is no such event' }],
  })
}
