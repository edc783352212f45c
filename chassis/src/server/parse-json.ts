import { Failure } from '../failure'

const utf8 = new TextDecoder('utf-8', { fatal: true }) // skips a byte order mark, as RFC 8259 allows
const jsonString = /"(?:[^"\\]|\\.)*"\s*(:)?/g

/** Throws `invalid-request` if the body is missing, not UTF-8, not JSON, or has a duplicate key. */
export function parseJson(bytes: Uint8Array = new Uint8Array()): unknown {
  const text = decode(bytes)
  if (text === '') throw invalid('is required')
  const value = parse(text)
  // JSON.parse silently keeps the last of two equal keys.
  if (countKeysWritten(text) > countKeysKept(value)) throw invalid('has a duplicate key')
  return value
}

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw invalid('is not UTF-8')
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw invalid('is not JSON')
  }
}

function countKeysWritten(json: string): number {
  let count = 0
  for (const [, colon] of json.matchAll(jsonString)) if (colon) count += 1
  return count
}

function countKeysKept(value: unknown): number {
  let count = 0
  const found = [value]
  for (const one of found) {
    if (typeof one !== 'object' || one === null) continue
    const values: unknown[] = Object.values(one)
    if (!Array.isArray(one)) count += values.length
    found.push(...values)
  }
  return count
}

function invalid(detail: string): Failure {
  return new Failure('invalid-request', { errors: [{ pointer: '', detail }] })
}
