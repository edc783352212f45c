import { z } from 'zod'
import type { Queries } from '../database/database'
import { pingDatabase } from '../database/migrations'
import type { Follower } from '../following/follower'
import { Failure } from '../failure'
import { ok, routine } from '../http/response'
import { route, type Route } from '../http/route'

interface Deps {
  service: string
  version: string
  read: Queries
  isStopping: () => boolean
  /** Its lag is shown, but never makes the service unready. */
  follower?: Pick<Follower, 'feed' | 'currentLag'>
}

const Live = z.strictObject({ status: z.literal('ok') }).meta({ id: 'Live', examples: [{ status: 'ok' }] })
export const Lags = z
  .record(z.string(), z.strictObject({ events: z.int().nullable(), seconds: z.number() }))
  .meta({ description: 'How far this service is behind those that it follows' })
const Ready = z
  .strictObject({
    status: z.literal('ok'),
    service: z.string(),
    version: z.string(),
    checks: z.strictObject({ database: z.literal('ok') }),
    lag: Lags.optional(),
  })
  .meta({
    id: 'Ready',
    examples: [{ status: 'ok', service: 'a-service', version: '0.1.0', checks: { database: 'ok' } }],
  })
const common = { method: 'get', tag: 'service', who: 'anyone', always: true, anyOrigin: true } as const

/** Health is about the service itself: the state of its upstreams never matters here. */
export function healthRoutes({ service, version, read, isStopping, follower }: Deps): Route[] {
  const ready = async () => {
    if (isStopping()) throw new Failure('unavailable', { detail: 'The service is stopping.' })
    try {
      await pingDatabase(read)
    } catch (cause) {
      throw new Failure('unavailable', { detail: 'The database does not respond.', cause })
    }
    const lag = follower && { [follower.feed]: await follower.currentLag() }
    return routine(ok({ status: 'ok', service, version, checks: { database: 'ok' }, ...(lag && { lag }) }))
  }
  return [
    route({
      ...common,
      path: '/health',
      operationId: 'getHealth',
      summary: 'Check whether the service is ready',
      responses: { 200: Ready },
      handle: ready,
    }),
    route({
      ...common,
      path: '/health/ready',
      operationId: 'getReadiness',
      summary: 'Check whether the service is ready',
      responses: { 200: Ready },
      handle: ready,
    }),
    route({
      ...common,
      path: '/health/live',
      operationId: 'getLiveness',
      summary: 'Check whether the process runs',
      responses: { 200: Live },
      handle: () => routine(ok({ status: 'ok' })),
    }),
  ]
}
