import { z } from 'zod'
import type { ProblemType } from '../http/problem-types'

/** The first of the examples that a schema was given; of a list or a union, the one of what is in it. */
export function exampleOf(schema: z.ZodType): unknown {
  const [given] = (schema.meta()?.examples as unknown[] | undefined) ?? []
  if (given !== undefined) return given
  if (schema instanceof z.ZodUnion) return exampleOf(schema.options[0] as z.ZodType)
  if (!(schema instanceof z.ZodArray)) return undefined
  const element = exampleOf(schema.element as z.ZodType)
  return element === undefined ? undefined : [element]
}

export function problemExample(code: string, { title, status, explanation, members = {} }: ProblemType): object {
  return {
    type: `/problems/${code}`,
    title,
    status,
    detail: explanation,
    code,
    requestId: '0190f3c4-7b1a-7c3e-8d2f-0123456789ab',
    ...(code === 'invalid-request' && {
      errors: [{ pointer: '/query/limit', detail: 'must be an integer from 1 to 100' }],
    }),
    ...Object.fromEntries(Object.entries(members).map(([name, schema]) => [name, exampleOf(schema)])),
  }
}
