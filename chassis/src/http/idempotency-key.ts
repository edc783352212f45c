import { Failure } from '../failure'

const header = 'idempotency-key'

/** The `Idempotency-Key` of a request, bare or in double quotes. Throws `invalid-request` where it is malformed. */
export function idempotencyKey(headerOf: (name: string) => string | undefined): string | undefined {
  const given = headerOf(header)
  if (given === undefined) return undefined
  const key = /^("?)([A-Za-z0-9_.:-]{8,255})\1$/.exec(given)?.[2]
  if (key === undefined) throw invalid('must be 8 to 255 of A-Z a-z 0-9 _ . : -, bare or in double quotes')
  return key
}

/** The same, where a request cannot do without. */
export function requiredIdempotencyKey(headerOf: (name: string) => string | undefined): string {
  const key = idempotencyKey(headerOf)
  if (key === undefined) throw invalid('is required')
  return key
}

function invalid(detail: string): Failure {
  return new Failure('invalid-request', { errors: [{ pointer: `/header/${header}`, detail }] })
}
