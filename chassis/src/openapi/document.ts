import { STATUS_CODES } from 'node:http'
import { z } from 'zod'
import type { Authenticator } from '../auth/authenticator'
import { keyScope } from '../auth/identify'
import { problemSchema } from '../http/problem-schema'
import type { ProblemTypes } from '../http/problem-types'
import type { ResponseSchema, Route } from '../http/route'

type Json = Record<string, unknown>

export interface OpenApiDocument {
  openapi: string
  info: { title: string; version: string; description: string }
  paths: Record<string, Record<string, Json>>
  components: Json
}

interface Described {
  service: string
  version: string
  routes: readonly Route[]
  types: ProblemTypes
  authenticator: Pick<Authenticator, 'scopes' | 'isOpen'>
}

/** Generates the OpenAPI 3.1 document from the schemas that parse the requests. */
export function openApiDocument({ service, version, routes, types, authenticator }: Described): OpenApiDocument {
  const paths: OpenApiDocument['paths'] = {}
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method]: operation(route, types, authenticator) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: service,
      version,
      description:
        'Errors are problem+json (RFC 9457); `type` names a page that explains it. ' +
        'A request to change something returns 400 if it has a precondition (RFC 9110) that its operation does not list.',
    },
    paths,
    components: {
      securitySchemes: {
        accessToken: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'A JWT access token (RFC 9068).',
        },
        apiKey: { type: 'http', scheme: 'bearer', description: 'An API key, which is shown once, when it is made.' },
      },
    },
  }
}

function operation(route: Route, types: ProblemTypes, authenticator: Described['authenticator']): Json {
  const { summary, who, body, responses: answers, mediaType = 'application/json' } = route
  const succeeded = Object.entries(answers).map(([status, schema]) => [
    status,
    answer(Number(status), schema, mediaType),
  ])
  const failed = Object.entries(codesByStatus(route, types, authenticator)).map(([status, codes]) => [
    status,
    problem(codes, types),
  ])
  return {
    summary: typeof who === 'string' ? summary : `${summary} (${who.join(', ')})`,
    ...(who !== 'anyone' && { security: security(who) }),
    parameters: [
      ...parameters('path', route.params),
      ...parameters('query', route.query),
      ...parameters('header', route.headers),
    ],
    ...(body && {
      requestBody: { required: true, content: { 'application/json': { schema: jsonSchema(body, 'input') } } },
    }),
    responses: Object.fromEntries([...succeeded, ...failed]) as Json,
  }
}

function security(who: readonly string[]): Json[] {
  const tokens = who.some((scope) => scope !== keyScope)
  return [...(who.includes(keyScope) ? [{ apiKey: [] }] : []), ...(tokens ? [{ accessToken: [] }] : [])]
}

function answer(status: number, schema: ResponseSchema, mediaType: string): Json {
  const description = STATUS_CODES[status] ?? String(status)
  if (schema === 'nothing') return { description }
  return { description, content: { [mediaType]: { schema: jsonSchema(schema, 'output') } } }
}

function problem(codes: readonly string[], types: ProblemTypes): Json {
  const schemas = codes.map((code) => jsonSchema(problemSchema(code, types[code]), 'output'))
  const description = codes.map((code) => `${code}: ${types[code]?.title ?? ''}`).join('; ')
  return {
    description,
    content: { 'application/problem+json': { schema: schemas.length === 1 ? schemas[0] : { anyOf: schemas } } },
  }
}

function codesByStatus(
  route: Route,
  types: ProblemTypes,
  { scopes, isOpen }: Described['authenticator'],
): Record<string, string[]> {
  const { body, who, always, anyOrigin, rateLimited, problems = [] } = route
  const codes = new Set([...problems, 'invalid-request', 'internal', 'unavailable'])
  if (body) for (const code of ['too-large', 'unsupported-media-type']) codes.add(code)
  if (who !== 'anyone') codes.add('unauthenticated')
  const tokenScopes = who === 'anyone' ? [] : who.filter((scope) => scope !== keyScope)
  if (tokenScopes.length > 0 && scopes.some((scope) => !tokenScopes.includes(scope))) codes.add('forbidden')
  if (isOpen && !anyOrigin) codes.add('forbidden')
  if (!always) codes.add('overloaded')
  if (rateLimited) codes.add('rate-limited')
  return Object.groupBy(codes, (code) => String(types[code]?.status)) as Record<string, string[]>
}

function parameters(where: 'path' | 'query' | 'header', schema: z.ZodType | undefined): Json[] {
  if (schema === undefined) return []
  const { properties = {}, required = [] } = jsonSchema(schema, 'input') as { properties?: Json; required?: string[] }
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: where,
    required: required.includes(name),
    schema: property,
  }))
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io,
    override: ({ jsonSchema: made }) => {
      if (made.type !== 'integer') return
      delete made.pattern // query parameters arrive as strings
      if (typeof made.default === 'string') made.default = Number(made.default)
    },
  })
  return rest
}
