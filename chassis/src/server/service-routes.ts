import type { Registry } from 'prom-client'
import { z } from 'zod'
import type { Authenticator } from '../auth/authenticator'
import type { OwnCredential } from '../auth/identify'
import { docsRoutes } from '../openapi/docs-routes'
import { metricsText } from './metrics-text'
import { documentBehind, openApiDocument } from '../openapi/document'
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
  ownCredential?: OwnCredential
}

const linksFrom = (prefix: string) => ({
  docs: `${prefix}/docs`,
  openapi: `${prefix}/openapi.json`,
  health: `${prefix}/health`,
})
const Welcome = z
  .strictObject({
    service: z.string(),
    version: z.string(),
    links: z.strictObject({ docs: z.string(), openapi: z.string(), health: z.string() }),
  })
  .meta({ id: 'Welcome', examples: [{ service: 'a-service', version: '0.1.0', links: linksFrom('') }] })
const Document = z.looseObject({ openapi: z.string() }).meta({ examples: [{ openapi: '3.1.0' }] })
const Metrics = z.string().meta({ examples: ['process_cpu_seconds_total 1.5'] })
const common = { method: 'get', tag: 'service', who: 'anyone', anyOrigin: true } as const

/** The routes by which a service describes itself, and its other routes. */
export function serviceRoutes(described: Described): Route[] {
  const { service, version, routes, types, registry, system } = described
  const document = once(() => openApiDocument({ ...described, routes: [...own, ...routes] }))
  const documentJson = once(() => Buffer.from(JSON.stringify(document())))
  const metrics = metricsText(registry, system)
  const own: Route[] = [
    route({
      ...common,
      path: '/',
      operationId: 'getService',
      summary: 'Get the name, version and links of this service',
      responses: { 200: Welcome },
      handle: ({ prefix }) => ok({ service, version, links: linksFrom(prefix) }),
    }),
    route({
      ...common,
      path: '/openapi.json',
      operationId: 'getOpenApi',
      summary: 'Get this document (OpenAPI 3.1)',
      responses: { 200: Document },
      handle: ({ prefix }) => ok(prefix === '' ? documentJson() : documentBehind(prefix, document())),
    }),
    ...docsRoutes(service),
    route({
      ...common,
      path: '/metrics',
      operationId: 'getMetrics',
      summary: 'Get the metrics of this service (Prometheus)',
      always: true,
      responses: { 200: Metrics },
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
