import type { Address } from './tandem'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020'

export type Schema = Record<string, unknown>

export interface Parameter {
  name: string
  in: 'path' | 'query' | 'header'
  required: boolean
  schema: Schema
}

interface Described {
  content?: Record<string, { schema: Schema }>
}

export interface Operation {
  method: string
  path: string
  /** As the document names it: `get /users/{id}`. */
  name: string
  parameters: Parameter[]
  body: Schema | undefined
  /** The names of the security schemes that it accepts; none if it is public. */
  security: string[]
  responses: Record<string, Described>
}

interface Document {
  paths: Record<string, Record<string, RawOperation>>
  components: { schemas: Record<string, Schema> }
}

interface RawOperation {
  parameters: (Parameter | { $ref: string })[]
  requestBody?: { content: Record<string, { schema: Schema }> }
  security: Record<string, unknown>[]
  responses: Record<string, Described>
}

/** What a service says of itself in its OpenAPI document. */
export class Operations {
  readonly all: Operation[]
  readonly #ajv = new Ajv2020({ strict: false, validateFormats: false })
  readonly #validators = new Map<Schema, ValidateFunction>()

  constructor(private readonly document: Document) {
    this.all = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, raw]) => operation(method, path, raw)),
    )
  }

  static async of({ port, prefix }: Address): Promise<Operations> {
    const response = await fetch(`http://127.0.0.1:${port}${prefix}/openapi.json`)
    return new Operations((await response.json()) as Document)
  }

  resolve(schema: Schema): Schema {
    const name = typeof schema.$ref === 'string' ? schema.$ref.replace('#/components/schemas/', '') : undefined
    return name === undefined ? schema : (this.document.components.schemas[name] ?? {})
  }

  /** Why a response is not one of the operation's; undefined if it is. */
  faultOf(operation: Operation, status: number, contentType: string, body: string, method: string): string | undefined {
    const described = operation.responses[status]
    if (described === undefined) return `status ${status} is not in the document`
    if (method === 'HEAD') return undefined
    if (described.content === undefined) return body === '' ? undefined : 'a body where the document has none'
    const type = contentType.split(';')[0] ?? ''
    const content = Object.entries(described.content).find(([name]) => name.split(';')[0] === type)?.[1]
    if (content === undefined) return `media type ${contentType} is not in the document for ${status}`
    if (!type.includes('json')) return undefined
    const validate = this.#validatorOf(content.schema)
    return validate(parsed(body)) ? undefined : this.#ajv.errorsText(validate.errors)
  }

  #validatorOf(schema: Schema): ValidateFunction {
    const known = this.#validators.get(schema)
    if (known) return known
    const validate = this.#ajv.compile({ ...schema, components: this.document.components })
    this.#validators.set(schema, validate)
    return validate
  }
}

function operation(method: string, path: string, raw: RawOperation): Operation {
  return {
    method: method.toUpperCase(),
    path,
    name: `${method} ${path}`,
    parameters: raw.parameters.filter((it): it is Parameter => 'name' in it),
    body: raw.requestBody?.content['application/json']?.schema,
    security: raw.security.flatMap((it) => Object.keys(it)),
    responses: raw.responses,
  }
}

/** Undefined, which fits no schema, if it is not JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
