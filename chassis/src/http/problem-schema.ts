import { z } from 'zod'
import { maxErrors } from './response'
import type { ProblemType } from './problem-types'

const FieldError = z
  .strictObject({
    pointer: z.string().meta({ description: 'A JSON Pointer into the body, or /query/…, /path/…, /header/…' }),
    detail: z.string(),
  })
  .meta({ id: 'FieldError' })

/** What every problem has (RFC 9457). */
export const Problem = z
  .object({
    type: z.string().meta({ description: 'A page of the service that explains it' }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    requestId: z.string(),
    errors: z.array(FieldError).max(maxErrors).optional(),
  })
  .meta({ id: 'Problem' })

/** What a problem of this code has besides, or in a narrower form. */
export function problemMembers(code: string, { status, members = {} }: ProblemType) {
  return z.object({
    type: z.literal(`/problems/${code}`),
    status: z.literal(status),
    code: z.literal(code),
    ...members,
  })
}
