import { isUnavailable } from '../database/unavailable'
import { Failure } from '../failure'

const byType = new Map<unknown, () => Failure>([
  ['entity.too.large', () => new Failure('too-large')],
  ['encoding.unsupported', () => new Failure('unsupported-media-type')],
  [
    'request.size.invalid',
    () => new Failure('invalid-request', { detail: 'The body length does not match Content-Length.' }),
  ],
  ['request.aborted', () => new Failure('invalid-request', { detail: 'The body is incomplete.' })],
])

/** Any error without an entry here becomes `internal`, which reveals nothing. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error
  if (isUnavailable(error)) return new Failure('unavailable', { cause: error })
  const { type } = (error ?? {}) as { type?: unknown }
  return byType.get(type)?.() ?? new Failure('internal', { cause: error })
}
