import { z } from 'zod'

/** Names a request that may be repeated: a key counts for its caller alone. */
export interface RequestKey {
  callerId: string
  idempotencyKey: string
}

/** 8 to 255 characters; double quotes around them are optional and not part of the key. */
export const idempotencyKey = z
  .string('is required')
  .regex(
    /^(?:[A-Za-z0-9_.:-]{8,255}|"[A-Za-z0-9_.:-]{8,255}")$/,
    'must be 8 to 255 of A-Z a-z 0-9 _ . : -, bare or in double quotes',
  )
  .transform((given) => given.replaceAll('"', ''))
