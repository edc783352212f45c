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

const exampleUser = {
  id: '0190f3c4-7b1a-7c3e-8d2f-0123456789ab',
  name: 'Ada',
  email: 'ada@example.com',
  creditCents: 100_000,
  version: 1,
  createdAt: '2026-01-31T12:00:00.000Z',
  updatedAt: '2026-01-31T12:00:00.000Z',
}
const exampleKey = { apiKey: 'kq3v9x0mT2cYl5uJ8hZs1RfWb7dNpGaE4oQiC6yVtXk' }

/** A user, as the routes return it. */
export const UserResponse = z
  .strictObject({
    id: z.uuid(),
    name: z.string(),
    email: z.string(),
    creditCents: z.int().min(0),
    version: z.int().min(1).meta({ description: 'Counts the changes of name and e-mail address' }),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'User', examples: [exampleUser] })

export const SignedUpResponse = UserResponse.extend({ apiKey: z.string() }).meta({
  id: 'SignedUpUser',
  examples: [{ ...exampleUser, ...exampleKey }],
})

export const ApiKeyResponse = z.strictObject({ apiKey: z.string() }).meta({ id: 'ApiKey', examples: [exampleKey] })
