/** The header fields of responses that callers act on: described in the OpenAPI document, and readable for other web pages. */
export const responseHeaders = {
  'X-Request-Id': { description: 'The id of the request: the one that you sent, or a new one', example: 'a1b2c3' },
  Location: { description: 'The path of the thing', example: '/things/0190f3c4-7b1a-7c3e-8d2f-0123456789ab' },
  Link: {
    description: 'The next page, with rel="next", while there is more (RFC 8288)',
    example: '</things?limit=20&after=0190f3c4-7b1a-7c3e-8d2f-0123456789ab>; rel="next"',
  },
  ETag: { description: 'The version, for If-Match', example: '"1"' },
  'Retry-After': { description: 'After how many seconds to try again', example: '1' },
  RateLimit: {
    description: 'What is left of the limit, and for how long it counts',
    example: '"600-in-1min"; r=0; t=42',
  },
  'RateLimit-Policy': { description: 'The limit', example: '"600-in-1min"; q=600; w=60' },
  'Idempotent-Replayed': { description: 'The result of an earlier request with the same key', example: 'true' },
  'Remaining-Events': { description: 'How many events come after these', example: '0' },
  'WWW-Authenticate': { description: 'Which credentials are needed, or what is wrong (RFC 6750)', example: 'Bearer' },
} as const

export type ResponseHeader = keyof typeof responseHeaders

export function isResponseHeader(name: string): name is ResponseHeader {
  return Object.hasOwn(responseHeaders, name)
}
