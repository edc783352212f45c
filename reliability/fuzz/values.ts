import fc from 'fast-check'
import type { Operations, Schema } from '../harness/operations'

export type Draw = fc.GeneratorValue

/** The draws of one request: the same ones for the same seed and number. */
export function drawsOf(seed: number, number: number): Draw {
  const [draw] = fc.sample(fc.gen(), { numRuns: 1, seed: (seed * 1_000_003 + number) | 0 })
  if (draw === undefined) throw new Error('no sample')
  return draw
}

export function oneOf<T>(draw: Draw, values: readonly T[]): T {
  const value = values[draw(fc.nat, { max: values.length - 1 })]
  if (value === undefined) throw new Error('nothing to choose from')
  return value
}

const maxInteger = 1_000_000_000

/** A value that the schema accepts. */
export function validValue(
  draw: Draw,
  schema: Schema,
  operations: Operations,
  given: Record<string, unknown>,
): unknown {
  const resolved = operations.resolve(schema)
  if (resolved.const !== undefined) return resolved.const
  if (Array.isArray(resolved.enum)) return oneOf(draw, resolved.enum)
  if (Array.isArray(resolved.anyOf)) return validValue(draw, oneOf(draw, resolved.anyOf as Schema[]), operations, given)
  switch (resolved.type) {
    case 'object': {
      const { properties = {}, required = [], minProperties = 0 } = resolved as ObjectSchema
      const isKept = (name: string) => required.includes(name) || minProperties > 0 || draw(fc.boolean)
      const names = Object.keys(properties).filter(isKept)
      return Object.fromEntries(
        names.map((name) => [name, given[name] ?? validValue(draw, properties[name] ?? {}, operations, given)]),
      )
    }
    case 'array':
      return [validValue(draw, resolved.items as Schema, operations, given)]
    case 'integer':
    case 'number': {
      const { minimum = 0, maximum = maxInteger } = resolved as { minimum?: number; maximum?: number }
      return draw(fc.integer, { min: Math.ceil(minimum), max: Math.min(Math.max(minimum, maximum), maxInteger) })
    }
    case 'boolean':
      return draw(fc.boolean)
    default:
      return validText(draw, resolved)
  }
}

interface ObjectSchema {
  properties?: Record<string, Schema>
  required?: string[]
  minProperties?: number
}

const words = () => fc.stringMatching(/^[a-zA-Zäöü漢😀 ]{0,30}$/u)
/** By pattern: fast-check takes one factory with two expressions for the same. */
const factories = new Map<string, () => fc.Arbitrary<string>>()

function matching(pattern: string): () => fc.Arbitrary<string> {
  const known = factories.get(pattern) ?? (() => fc.stringMatching(new RegExp(pattern)))
  factories.set(pattern, known)
  return known
}

function validText(draw: Draw, { format, pattern }: Schema): string {
  if (format === 'email') return `${draw(fc.uuid)}@example.com`
  if (format === 'uuid') return draw(fc.uuid)
  if (typeof pattern === 'string' && pattern.startsWith('^')) return draw(matching(pattern))
  return `A${draw(words)}z`
}

/** Texts that no field should break on. */
export function hostileText(draw: Draw): string {
  const known = [
    '',
    ' ',
    '\0',
    '\ud800',
    'a\udc00b',
    '__proto__',
    'constructor',
    '\u202e',
    '\ufeff',
    '%00',
    '../../etc',
  ]
  const more = [
    "'; DROP TABLE users; --",
    '${7*7}',
    '{{7*7}}',
    '<script>',
    '\r\nX: y',
    'a'.repeat(5000),
    '𝕏'.repeat(200),
  ]
  return draw(fc.boolean) ? oneOf(draw, [...known, ...more]) : draw(fc.string, { unit: 'binary', maxLength: 60 })
}

/** As it stands in JSON, for what JSON.stringify never writes. */
export const hostileNumbers = ['1e400', '-1e400', '9007199254740993', '1.5', '-1', '0', '-0', '1e-7', '9'.repeat(400)]
