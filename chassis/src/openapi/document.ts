import { STATUS_CODES } from 'node:http'
import type { z } from 'zod'
import type { Authenticator } from '../auth/authenticator'
import type { OwnCredential } from '../auth/identify'
import type { ProblemCode } from '../failure'
import type { ProblemType, ProblemTypes } from '../http/problem-types'
import { isResponseHeader, responseHeaders, type ResponseHeader } from '../http/response-headers'
import type { ResponseSchema, Route } from '../http/route'
import { Components, pascalCase, type Json } from './components'
import { exampleOf, problemExample } from './example'

export interface OpenApiDocument {
  openapi: string
  info: { title: string; version: string; description: string; license: Json }
  servers: { url: string }[]
  paths: Record<string, Record<string, Json>>
  components: Json & { schemas: Record<string, Json> }
}

interface Described {
  service: string
  version: string
  routes: readonly Route[]
  types: ProblemTypes
  authenticator: Pick<Authenticator, 'scopes' | 'isOpen'>
  ownCredential?: OwnCredential | undefined
}

/** Generates the OpenAPI 3.1 document from the schemas that parse the requests. */
export function openApiDocument(described: Described): OpenApiDocument {
  const { service, version, routes, ownCredential } = described
  const components = new Components()
  const paths: OpenApiDocument['paths'] = {}
  const isOfEveryService = ({ tag }: Route) => (tag === 'service' ? 1 : 0) // these come last on the page
  for (const route of routes.toSorted((a, b) => isOfEveryService(a) - isOfEveryService(b))) {
    const path = route.path.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method]: operation(route, described, components) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: service,
      version,
      description:
        'Errors are problem+json (RFC 9457); `type` names a page that explains it. ' +
        'A request to change something returns 400 if it has a precondition (RFC 9110) that its operation does not list.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: components.schemas,
      parameters: { RequestId: requestId },
      headers: usedIn(paths, 'headers', headers),
      securitySchemes: { accessToken, ...(ownCredential && { [ownCredential.name]: ofOwn(ownCredential) }) },
    },
  }
}

/** The document as JSON, for callers whose paths begin with a prefix. */
export function documentBehind(prefix: string, document: OpenApiDocument): string {
  const isProblem = (value: unknown): value is string => typeof value === 'string' && value.startsWith('/problems/')
  return JSON.stringify({ ...document, servers: [{ url: prefix }] }, (_key, value: unknown) =>
    isProblem(value) ? prefix + value : value,
  )
}

const headers = Object.fromEntries(
  Object.entries(responseHeaders).map(([name, header]) => [name, { ...header, schema: { type: 'string' } }]),
)

const accessToken = {
  type: 'http',
  scheme: 'bearer',
  bearerFormat: 'JWT',
  description: 'A JWT access token (RFC 9068).',
}
const ofOwn = ({ description }: OwnCredential) => ({ type: 'http', scheme: 'bearer', description })

/** Those of the components that a reference names. */
function usedIn(paths: object, kind: string, components: Json): Json {
  const text = JSON.stringify(paths)
  return Object.fromEntries(
    Object.entries(components).filter(([name]) => text.includes(`"#/components/${kind}/${name}"`)),
  )
}

const requestId = {
  name: 'X-Request-Id',
  in: 'header',
  required: false,
  description: 'Your id for the request: returned, logged and passed on; anything else is replaced',
  schema: { type: 'string', pattern: '^[A-Za-z0-9._-]{1,128}$' },
}

function operation(route: Route, described: Described, components: Components): Json {
  const { method, path, who, body, responses, mediaType = 'application/json' } = route
  const succeeded = Object.entries(responses).map(([status, schema]): [string, Json] => [
    status,
    {
      description: STATUS_CODES[status] ?? status,
      headers: headersOf(route, Number(status)),
      ...(schema !== 'nothing' && { content: content(mediaType, schema, 'output', components) }),
    },
  ])
  const failed = Object.entries(problemCodes(route, described)).map(([status, these]): [string, Json] => {
    const found = these.flatMap((code): [string, ProblemType][] => {
      const type = described.types[code]
      return type ? [[code, type]] : []
    })
    return [status, { ...problem(found, components), headers: headersOf(route, Number(status), found) }]
  })
  return {
    operationId: route.operationId ?? `${method}${pascalCase(path)}`,
    tags: [route.tag ?? path.split('/')[1]],
    summary: route.summary,
    ...(typeof who !== 'string' && { description: `For: ${who.join(', ')}.` }),
    security: who === 'anyone' ? [] : security(who, described.ownCredential),
    parameters: [
      ...parameters('path', route.params, components),
      ...parameters('query', route.query, components),
      ...parameters('header', route.headers, components),
      { $ref: '#/components/parameters/RequestId' },
    ],
    ...(body && { requestBody: { required: true, content: content('application/json', body, 'input', components) } }),
    responses: Object.fromEntries([...succeeded, ...failed]),
  }
}

function security(who: readonly string[], own?: OwnCredential): Json[] {
  const isOwn = (scope: string) => scope === own?.scope
  const names = [...(own && who.some(isOwn) ? [own.name] : []), ...(who.every(isOwn) ? [] : ['accessToken'])]
  return names.map((name) => ({ [name]: [] }))
}

function content(
  mediaType: string,
  schema: Exclude<ResponseSchema, 'nothing'>,
  io: 'input' | 'output',
  components: Components,
): Json {
  const example = exampleOf(schema)
  return { [mediaType]: { schema: components.of(schema, io), ...(example !== undefined && { example }) } }
}

function problem(types: [code: string, type: ProblemType][], components: Components): Json {
  const schemas = types.map(([code, type]) => components.problem(code, type))
  const examples = types.map(([code, type]) => [code, { value: problemExample(code, type) }])
  const schema = schemas.length === 1 ? schemas[0] : { anyOf: schemas }
  return {
    description: types.map(([code, { title }]) => `${code}: ${title}`).join('; '),
    content: { 'application/problem+json': { schema, examples: Object.fromEntries(examples) as Json } },
  }
}

function headersOf(
  { responseHeaders: own, rateLimited }: Route,
  status: number,
  problems: [code: string, type: ProblemType][] = [],
): Json {
  const names = new Set<ResponseHeader>(['X-Request-Id', ...(own?.[status] ?? [])])
  if (rateLimited) names.add('RateLimit').add('RateLimit-Policy')
  for (const [code, { headers = {} }] of problems) {
    if (code === 'rate-limited') names.add('Retry-After')
    for (const name of Object.keys(headers)) if (isResponseHeader(name)) names.add(name)
  }
  return Object.fromEntries([...names].map((name) => [name, { $ref: `#/components/headers/${name}` }]))
}

/** The codes that a route can return, by status: its own, and those that follow from what it accepts and from whom. */
function problemCodes(
  route: Route,
  { types, authenticator: { scopes, isOpen }, ownCredential }: Described,
): Record<string, string[]> {
  const { body, who, always, anyOrigin, rateLimited, problems = [] } = route
  const codes = new Set<ProblemCode>([...problems, 'invalid-request', 'internal', 'unavailable'])
  if (body) codes.add('too-large').add('unsupported-media-type')
  if (who !== 'anyone') codes.add('unauthenticated')
  const tokenScopes = who === 'anyone' ? [] : who.filter((scope) => scope !== ownCredential?.scope)
  if (tokenScopes.length > 0 && scopes.some((scope) => !tokenScopes.includes(scope))) codes.add('forbidden')
  if (isOpen && !anyOrigin) codes.add('forbidden')
  if (!always) codes.add('overloaded')
  if (rateLimited) codes.add('rate-limited')
  return Object.groupBy(codes, (code) => String(types[code]?.status)) as Record<string, string[]>
}

function parameters(where: 'path' | 'query' | 'header', schema: z.ZodType | undefined, components: Components): Json[] {
  if (schema === undefined) return []
  const { properties = {}, required = [] } = components.of(schema, 'input') as {
    properties?: Json
    required?: string[]
  }
  return Object.entries(properties).map(([name, property]) => ({
    name: where === 'header' ? name.replace(/(?:^|-)[a-z]/g, (it) => it.toUpperCase()) : name,
    in: where,
    required: required.includes(name),
    schema: property,
  }))
}
