import { name as trimmedName } from '@tandem/chassis/http/fields'
import { z } from 'zod'

export const name = z
  .string()
  .trim()
  .pipe(trimmedName)
  .meta({ description: '1 to 100 characters after trimming, without control characters', pattern: '\\S' })

// As `<input type="email">` accepts it (HTML standard), with a dot in the domain.
const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?'
const address = new RegExp(`^[a-zA-Z0-9.!#$%&'*+/=?^_\`{|}~-]+@${label}(?:\\.${label})+$`)

export const email = z.email({ pattern: address, error: 'must be an e-mail address' }).max(254)

export const UserResponse = z.strictObject({
  id: z.uuid(),
  name: z.string(),
  email: z.string(),
  creditCents: z.int().min(0),
  version: z.int().min(1),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
})

export const ApiKeyResponse = z.strictObject({ apiKey: z.string() })
