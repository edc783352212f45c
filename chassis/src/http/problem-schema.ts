import { z } from 'zod'
import { maxErrors } from './response'
import type { ProblemType } from './problem-types'

const FieldError = z.strictObject({ pointer: z.string(), detail: z.string() })

export function problemSchema(code: string, type: ProblemType | undefined): z.ZodType {
  return z.strictObject({
    type: z.literal(`/problems/${code}`),
    title: z.string(),
    status: z.literal(type?.status ?? 500),
    detail: z.string(),
    code: z.literal(code),
    requestId: z.string(),
    errors: z.array(FieldError).max(maxErrors).optional(),
    ...type?.members,
  })
}
