import { z } from 'zod'

/** An `Idempotency-Key`: 8 to 255 characters, bare or in double quotes, which are no part of it. */
export const idempotencyKey = z
  .string('is required')
  .regex(
    /^(?:[A-Za-z0-9_.:-]{8,255}|"[A-Za-z0-9_.:-]{8,255}")$/,
    'must be 8 to 255 of A-Z a-z 0-9 _ . : -, bare or in double quotes',
  )
  .transform((given) => given.replaceAll('"', ''))
