import type { Registry } from 'prom-client'
import { z } from 'zod'
import type { Authenticator } from '../auth/authenticator'
import { docsPage } from '../openapi/docs-page'
import { metricsText } from './metrics-text'
import { openApiDocument } from '../openapi/document'
import type { System } from '../system'
import { ok, routine } from '../http/response'
import { problemPage } from './problem-page'
import type { ProblemTypes } from '../http/problem-types'
import { route, type Route } from '../http/route'

interface Described {
  service: string
  version: string
  routes: readonly Route[]
  types: ProblemTypes
  registry: Registry
  system: Pick<System, 'monotonic'>
  authenticator: Pick<Authenticator, 'scopes' | 'isOpen'>
}

const links = { docs: '/docs', openapi: '/openapi.json', health: '/health' }
const Welcome = z.strictObject({
  service: z.string(),
  version: z.string(),
  links: z.strictObject({ docs: z.string(), openapi: z.string(), health: z.string() }),
})

/** The routes by which a service describes itself, and its other routes. */
export function serviceRoutes({
  service,
  version,
  routes,
  types,
  registry,
  system,
  authenticator,
}: Described): Route[] {
  const document = once(() => openApiDocument({ service, version, routes: [...own, ...routes], types, authenticator }))
  const documentJson = once(() => Buffer.from(JSON.stringify(document())))
  const page = once(() => Buffer.from(docsPage(document())))
  const metrics = metricsText(registry, system)
  const own: Route[] = [
    route({
      method: 'get',
      path: '/',
      summary: 'What this service is, and where to read on',
      who: 'anyone',
      anyOrigin: true,
      responses: { 200: Welcome },
      handle: () => ok({ service, version, links }),
    }),
    route({
      method: 'get',
      path: '/openapi.json',
      summary: 'This service as OpenAPI 3.1',
      who: 'anyone',
      anyOrigin: true,
      responses: { 200: z.looseObject({ openapi: z.string() }) },
      handle: () => ok(documentJson()),
    }),
    route({
      method: 'get',
      path: '/docs',
      summary: 'This service as a page to read',
      who: 'anyone',
      anyOrigin: true,
      responses: { 200: z.string() },
      mediaType: 'text/html; charset=utf-8',
      handle: () => ok(page()),
    }),
    route({
      method: 'get',
      path: '/metrics',
      summary: 'What this service measures of itself, for Prometheus',
      who: 'anyone',
      anyOrigin: true,
      always: true,
      responses: { 200: z.string() },
      mediaType: registry.contentType,
      handle: async () => routine(ok(await metrics())),
    }),
    problemPage(types),
  ]
  return own
}

/** Makes it when it is first wanted: `own` is not there before. */
function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}
