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

/** `advice` tells where to get a credential. */
export function unauthenticated(advice: string): ProblemType {
  return {
    status: 401,
    title: 'Not authenticated',
    explanation: `The credential is missing, malformed, expired or for something else. ${advice}`,
    headers: { 'WWW-Authenticate': 'Bearer' },
  }
}

export const commonProblemTypes = {
  'invalid-request': {
    status: 400,
    title: 'Invalid request',
    explanation: 'The body, query, path or a header is not what this route accepts. `errors` says where and why.',
  },
  unauthenticated: unauthenticated('Get a new one.'),
  forbidden: {
    status: 403,
    title: 'Forbidden',
    explanation: 'You are authenticated, but not allowed to do this; or open mode refuses the web page that asks.',
    headers: { 'WWW-Authenticate': 'Bearer error="insufficient_scope"' },
  },
  'not-found': { status: 404, title: 'Not found', explanation: 'There is no such thing here, or it is not yours.' },
  'method-not-allowed': {
    status: 405,
    title: 'Method not allowed',
    explanation: 'This path does not support this method. The Allow header lists those that it does.',
  },
  'precondition-failed': {
    status: 412,
    title: 'Precondition failed',
    explanation: 'If-Match or If-None-Match does not match the current version. Fetch it again and retry.',
  },
  'too-large': { status: 413, title: 'Too large', explanation: 'A body may have at most 16 kB.' },
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
    explanation: 'The service failed. Its log has the error, with the request id.',
  },
  overloaded: {
    status: 503,
    title: 'Overloaded',
    explanation: 'The service has too many requests in flight. Try again after the time in Retry-After.',
    headers: { 'Retry-After': '1' },
  },
  unavailable: {
    status: 503,
    title: 'Unavailable',
    explanation: 'This cannot be done right now. Try again after the time in Retry-After.',
    headers: { 'Retry-After': '1' },
  },
} satisfies ProblemTypes
