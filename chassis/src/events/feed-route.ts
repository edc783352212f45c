import { z } from 'zod'
import { integer } from '../http/fields'
import { Failure } from '../failure'
import { ok, routine } from '../http/response'
import { route, type Route } from '../http/route'
import { id } from '../http/fields'
import { pascalCase } from '../openapi/components'
import { exampleOf } from '../openapi/example'
import type { EventFeed } from './event-feed'

/** The header that says how many events come after those of a response. */
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
    operationId: 'listEvents',
    summary: 'List the events, oldest first; waits for new ones if there are none yet',
    who,
    isPolled: true,
    query: z.strictObject({
      lastEventId: id.optional(),
      limit: integer({ min: 1, max: 1000 }).prefault('100'),
      timeout: integer({ min: 0, max: 30_000 }).prefault('0').describe('How long to wait, in milliseconds'),
    }),
    responses: { 200: z.array(anyOf(feed.source, types)) },
    responseHeaders: { 200: [remainingEvents] },
    mediaType: 'application/cloudevents-batch+json',
    handle: async ({ query: { lastEventId, limit, timeout }, signal, releaseSlot }) => {
      const after = lastEventId === undefined ? 0 : await feed.numberOf(lastEventId)
      if (after === undefined) throw unknownEvent()
      const page = await feed.read({ after, limit }, timeout, { signal: signal(), releaseSlot })
      const answer = ok(page.json, { [remainingEvents]: String(page.remaining) })
      return page.events === 0 ? routine(answer) : answer
    },
  })
}

function anyOf(source: string, types: Options['types']): z.ZodType {
  const schemas = Object.entries(types).map(([type, data]) =>
    z
      .strictObject({
        specversion: z.literal('1.0'),
        id: z.uuid(),
        source: z.literal(source),
        type: z.literal(type),
        subject: z.string(),
        time: z.iso.datetime(),
        datacontenttype: z.literal('application/json'),
        traceparent: z.string().optional().meta({ description: 'The trace of the request that led to it (W3C)' }),
        data,
      })
      .meta({ id: `${pascalCase(type)}Event`, examples: [exampleEvent(source, type, data)] }),
  )
  return z.union(schemas)
}

function exampleEvent(source: string, type: string, data: z.ZodType) {
  const id = '0190f3c7-0e11-7b52-a4d8-0123456789ab'
  return {
    specversion: '1.0',
    id,
    source,
    type,
    subject: '0190f3c4-7b1a-7c3e-8d2f-0123456789ab',
    time: '2026-01-31T12:00:00.000Z',
    datacontenttype: 'application/json',
    data: exampleOf(data),
  }
}

function unknownEvent(): Failure {
  return new Failure('invalid-request', {
    errors: [{ pointer: '/query/lastEventId', detail: 'there is no such event' }],
  })
}
