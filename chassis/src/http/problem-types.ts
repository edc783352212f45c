import type { z } from 'zod'

export interface ProblemType {
  status: number
  title: string
  /** What the caller can do; shown at /problems/<code>. */
  explanation: string
  headers?: Record<string, string>
  members?: Readonly<Record<string, z.ZodType>>
}

/** Status and meaning of each code (RFC 9457). Services add their own. */
export type ProblemTypes = Readonly<Record<string, ProblemType>>

export const commonProblemTypes: ProblemTypes = {
  'invalid-request': {
    status: 400,
    title: 'Invalid request',
    explanation:
      'The body, the query, the path or a header does not fit what this route takes. `errors` says where and why.',
  },
  unauthenticated: {
    status: 401,
    title: 'Not authenticated',
    explanation:
      'There was no token or key, or it was malformed, expired or not meant for this. Get a token at POST /tokens.',
    headers: { 'WWW-Authenticate': 'Bearer' },
  },
  forbidden: {
    status: 403,
    title: 'Forbidden',
    explanation: 'You are authenticated, but not allowed to do this; or open mode does not do it for another web page.',
    headers: { 'WWW-Authenticate': 'Bearer error="insufficient_scope"' },
  },
  'not-found': { status: 404, title: 'Not found', explanation: 'There is no such thing here, or it is not yours.' },
  'method-not-allowed': {
    status: 405,
    title: 'Method not allowed',
    explanation: 'This path does not take this method. The Allow header names those it takes.',
  },
  'precondition-failed': {
    status: 412,
    title: 'Precondition failed',
    explanation:
      'The condition in If-Match or If-None-Match does not hold now. Fetch the current version, and decide again.',
  },
  'too-large': { status: 413, title: 'Too large', explanation: 'A body may have 16 kB at the most.' },
  'unsupported-media-type': {
    status: 415,
    title: 'Unsupported media type',
    explanation: 'Send JSON in UTF-8, not compressed, with Content-Type: application/json.',
  },
  'rate-limited': {
    status: 429,
    title: 'Too many requests',
    explanation: 'Too many requests came from this address or caller. Try again after the time in Retry-After.',
  },
  internal: {
    status: 500,
    title: 'Internal error',
    explanation: 'A fault of this service. It is in its log with the request id.',
  },
  overloaded: {
    status: 503,
    title: 'Overloaded',
    explanation: 'The service has as much to do as it can bear. Try again after the time in Retry-After.',
    headers: { 'Retry-After': '1' },
  },
  unavailable: {
    status: 503,
    title: 'Unavailable',
    explanation: 'This cannot be done just now. Try again after the time in Retry-After.',
    headers: { 'Retry-After': '1' },
  },
}
