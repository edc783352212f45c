import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { Problem, problemMembers } from '../http/problem-schema'
import type { ProblemType } from '../http/problem-types'

export type Json = Record<string, unknown>

/** The named schemas of a document: those that have an `id` in their metadata, and one for each problem. */
export class Components {
  readonly schemas: Record<string, Json> = {}

  /** The JSON Schema, with a `$ref` for each schema that has a name. */
  of(schema: z.ZodType, io: 'input' | 'output'): Json {
    // As the element of an array: zod would write a named schema that is the root in its place.
    const { items, $defs = {} } = z.toJSONSchema(z.array(schema), { io, override: plain })
    for (const [name, named] of Object.entries($defs)) this.#add(name, withReferences(named))
    return withReferences(items)
  }

  problem(code: string, type: ProblemType): Json {
    const members = this.of(problemMembers(code, type), 'input')
    const allOf = [this.of(Problem, 'input'), members]
    return this.#add(`${pascalCase(code)}Problem`, { allOf, unevaluatedProperties: false })
  }

  #add(name: string, schema: Json): Json {
    const known = (this.schemas[name] ??= schema)
    if (!isDeepStrictEqual(known, schema)) throw new Error(`two schemas are called ${name}`)
    return { $ref: `#/components/schemas/${name}` }
  }
}

/** `of-two-words` as `OfTwoWords`. */
export function pascalCase(name: string): string {
  return name.replace(/(?:^|\W+)(\w)/g, (_, letter: string) => letter.toUpperCase())
}

const plain = ({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }) => {
  delete jsonSchema.examples // shown once, beside the body
  if (jsonSchema.type !== 'integer') return
  delete jsonSchema.pattern // read from a string, which is how a query comes
  if (typeof jsonSchema.default === 'string') jsonSchema.default = Number(jsonSchema.default)
}

function withReferences(schema: unknown): Json {
  const text = JSON.stringify(schema).replaceAll('"$ref":"#/$defs/', '"$ref":"#/components/schemas/')
  return JSON.parse(text) as Json // a schema, as it was given
}
