import { appendFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020'
import type { Express } from 'express'
import request from 'supertest'
import { responseHeaders } from '@tandem/chassis/http/response-headers'
import type { OpenApiDocument } from '@tandem/chassis/openapi/document'
import { afterThisTest } from './temporary'

type Listener = (req: IncomingMessage, res: ServerResponse) => void
type Content = Record<string, { schema: object }>

interface Described {
  content?: Content
  headers?: object
}

const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true })
/** By the service and its mode, such as AUTH_MODE, on which the document depends. */
const documents = new Map<string, OpenApiDocument>()
const validators = new WeakMap<object, ValidateFunction>()

/**
 * The app, each answer of which is held against the OpenAPI document that it serves: its status must be there for the
 * route, its media type, and its body must fit the schema. What does not fit fails the test at its end.
 */
export async function conforming(service: string, app: Express, mode = 'required'): Promise<Listener> {
  const document = documents.get(`${service} ${mode}`) ?? (await documentOf(app))
  documents.set(`${service} ${mode}`, document)
  const faults: string[] = []
  afterThisTest(() => {
    if (faults.length > 0) throw new Error(`answers that are not in the OpenAPI document:\n${faults.join('\n')}`)
  })
  return (req, res) => {
    const chunks: Buffer[] = []
    const end = res.end.bind(res) as (...given: unknown[]) => ServerResponse
    res.end = ((...given: unknown[]) => {
      if (typeof given[0] === 'string' || Buffer.isBuffer(given[0])) chunks.push(Buffer.from(given[0]))
      const text = Buffer.concat(chunks).toString()
      const fault = faultOf(document, req, res, text)
      if (fault !== undefined) faults.push(fault)
      faults.push(...wrongHeaders(document, req, res))
      record(service, req, res, text)
      return end(...given)
    }) as typeof res.end
    app(req, res)
  }
}

async function documentOf(app: Express): Promise<OpenApiDocument> {
  const { body } = await request(app).get('/openapi.json').expect(200)
  const document = body as OpenApiDocument
  note({ service: document.info.title, document })
  return document
}

function faultOf(
  document: OpenApiDocument,
  req: IncomingMessage,
  res: ServerResponse,
  body: string,
): string | undefined {
  const path = pathOf(res)
  if (path === undefined) return undefined // no route was found: there is no operation to hold it against
  const method = req.method === 'HEAD' ? 'get' : (req.method ?? '').toLowerCase()
  const answers = document.paths[path]?.[method]?.responses as Record<string, Described> | undefined
  const where = `${req.method} ${path} ${res.statusCode}`
  const answer = answers?.[res.statusCode]
  if (answer === undefined) return `${where}: no such status`
  if (req.method === 'HEAD') return undefined
  if (answer.content === undefined) return body === '' ? undefined : `${where}: a body where there is none`
  const type = String(res.getHeader('content-type'))
  const [, content] = Object.entries(answer.content).find(([name]) => type.startsWith(name)) ?? []
  if (content === undefined) return `${where}: media type ${type}`
  const value: unknown = type.includes('json') ? JSON.parse(body) : body
  const validate = validatorOf(content.schema, document)
  if (validate(value)) return undefined
  return `${where}: ${ajv.errorsText(validate.errors)} in ${body}`
}

/** Compiled once, with the components, which its references name by their paths in the document. */
function validatorOf(schema: object, { components }: OpenApiDocument): ValidateFunction {
  const validate = validators.get(schema) ?? ajv.compile({ ...schema, components })
  validators.set(schema, validate)
  return validate
}

/** Headers that every response has, each page, or each response to a request that needs a token; and undocumented ones. */
function* wrongHeaders({ paths }: OpenApiDocument, req: IncomingMessage, res: ServerResponse): Generator<string> {
  const required = ['X-Content-Type-Options']
  if (String(res.getHeader('content-type')).startsWith('text/html'))
    required.push('Content-Security-Policy', 'Referrer-Policy')
  const operation = paths[pathOf(res) ?? '']?.[req.method === 'HEAD' ? 'get' : (req.method ?? '').toLowerCase()]
  if ((operation?.security as unknown[] | undefined)?.length) required.push('Cache-Control')
  for (const name of required) if (!res.hasHeader(name)) yield `${req.method} ${req.url} ${res.statusCode}: no ${name}`
  const described = (operation?.responses as Record<string, Described> | undefined)?.[res.statusCode]
  if (described === undefined) return
  const { headers = {} } = described
  for (const name of Object.keys(responseHeaders))
    if (res.hasHeader(name) && !Object.hasOwn(headers, name))
      yield `${req.method} ${req.url} ${res.statusCode}: ${name} is not in the document`
}

/** Writes down which test saw which answer, for `npm run contract-rows`. */
function record(service: string, req: IncomingMessage, res: ServerResponse, body: string): void {
  const path = pathOf(res)
  if (path === undefined) return
  const { code = '' } = res.statusCode >= 400 && body !== '' ? (JSON.parse(body) as { code?: string }) : {}
  const { currentTestName: test } = expect.getState()
  note({ service, operation: `${req.method} ${path}`, status: res.statusCode, code, test })
}

function note(row: object): void {
  if (process.env.CONTRACT_ROWS !== undefined) appendFileSync(process.env.CONTRACT_ROWS, `${JSON.stringify(row)}\n`)
}

function pathOf(res: ServerResponse): string | undefined {
  const { locals } = res as ServerResponse & { locals?: { route?: string } }
  return locals?.route?.replace(/:(\w+)/g, '{$1}')
}

/** Every route that the app has mounted, as the document writes it: `get /things/{id}`. */
export function mountedRoutes(app: Express): string[] {
  interface Layer {
    route?: { path: string; stack: { method?: string }[] }
  }
  const layers = app.router.stack as unknown as Layer[] // Express names the field and not its type
  return layers
    .flatMap(({ route }) => {
      const methods = new Set(route?.stack.flatMap(({ method }) => method ?? []) ?? [])
      return [...methods].map((method) => `${method} ${route?.path.replace(/:(\w+)/g, '{$1}')}`)
    })
    .sort()
}

/** Every operation of the document, written the same way. */
export function documentedRoutes({ paths }: OpenApiDocument): string[] {
  return Object.entries(paths)
    .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`))
    .sort()
}

/** The schema itself, where there is a reference to a named one. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test reads what it expects to be there
export function schemaIn(document: OpenApiDocument, schema: { $ref?: string }): Record<string, any> {
  const name = schema.$ref?.replace('#/components/schemas/', '')
  if (name === undefined) return schema
  return (document.components as { schemas: Record<string, object> }).schemas[name] ?? {}
}
