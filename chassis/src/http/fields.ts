import { z } from 'zod'

/** Length counts code points. U+0000 and lone surrogates are refused: no database stores them faithfully. */
export function text({ min = 0, max }: { min?: number; max: number }): z.ZodString {
  return z
    .string()
    .refine((value) => !value.includes('\0') && value.isWellFormed(), 'must not contain U+0000 or a lone surrogate')
    .refine((value) => length(value) >= min, `must have at least ${min} character${min === 1 ? '' : 's'}`)
    .refine((value) => length(value) <= max, `must have at most ${max} characters`)
    .meta({ minLength: min, maxLength: max })
}

/** A name for people to read: visible, and without control characters that could drive a terminal. */
export const name = text({ min: 1, max: 100 })
  .refine((value) => !/\p{Cc}/u.test(value), 'must not contain a control character')
  .refine((value) => /[^\p{White_Space}\p{Default_Ignorable_Code_Point}]/u.test(value), 'must not be blank')
  .meta({ description: 'Not blank, without control characters' })

export const id = z.guid().toLowerCase()

function length(value: string): number {
  return value.length <= 1 ? value.length : Array.from(value).length
}

export function integer({ min, max }: { min: number; max: number }) {
  const message = `must be an integer from ${min} to ${max}`
  return z
    .string()
    .regex(/^\d{1,16}$/, message)
    .transform(Number)
    .pipe(z.number().min(min, message).max(max, message))
    .meta({ type: 'integer', minimum: min, maximum: max })
}
