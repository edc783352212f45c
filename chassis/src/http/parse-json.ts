import { Failure } from '../failure'

const utf8 = new TextDecoder('utf-8', { fatal: true }) // skips a byte order mark, as RFC 8259 allows

/** The value that a body holds. Throws `invalid-request` if it is missing, not UTF-8 or not JSON. */
export function parseJson(bytes: Uint8Array = new Uint8Array()): unknown {
  const text = decode(bytes)
  if (text === '') throw invalid('is required')
  try {
    return JSON.parse(text)
  } catch {
    throw invalid('is not JSON')
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw invalid('is not UTF-8')
  }
}

function invalid(detail: string): Failure {
  return new Failure('invalid-request', { errors: [{ pointer: '', detail }] })
}
