import { z } from 'zod'
import { Failure, type FieldError } from '../failure'

const maxPointerLength = 64 // longer than any of ours: only unknown keys exceed it

/** Throws `invalid-request` with a JSON Pointer, below `base`, for each fault. */
export function parse<S extends z.ZodType>(schema: S, value: unknown, base = ''): z.output<S> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new Failure('invalid-request', { errors: parsed.error.issues.flatMap((issue) => fieldErrors(issue, base)) })
}

function fieldErrors(issue: z.core.$ZodIssue, base: string): FieldError[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ pointer: pointer(base, [...issue.path, key]), detail: 'is not a known field' }))
  }
  return [{ pointer: pointer(base, issue.path), detail: issue.message }]
}

function pointer(base: string, path: PropertyKey[]): string {
  const steps = path.map((step) => '/' + String(step).replaceAll('~', '~0').replaceAll('/', '~1')) // RFC 6901
  const whole = base + steps.join('')
  return whole.length <= maxPointerLength ? whole : `${whole.slice(0, maxPointerLength - 1).toWellFormed()}…`
}
