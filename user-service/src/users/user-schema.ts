import { name as trimmedName } from '@tandem/chassis/text'
import { z } from 'zod'

export const name = z
  .string()
  .trim()
  .pipe(trimmedName)
  .meta({ description: '1 to 100 characters after trimming, without control characters', pattern: '\\S' })

export const email = z.email().max(254)

/** A user, as it is answered. */
export const UserAnswer = z.strictObject({
  id: z.uuid(),
  name: z.string(),
  email: z.string(),
  creditCents: z.int().min(0),
  version: z.int().min(1),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
})

export const ApiKeyAnswer = z.strictObject({ apiKey: z.string() })
