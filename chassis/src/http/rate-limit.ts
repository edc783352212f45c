import { rateLimit } from 'express-rate-limit'
import type { RequestHandler } from 'express'
import { Failure } from '../failure'

/**
 * So many requests a minute from each client address, counted in this process, with the header fields of the IETF draft 8;
 * undefined where 0 says that there is no limit.
 */
export function perMinute(limit: number): RequestHandler | undefined {
  if (limit === 0) return undefined
  return rateLimit({
    windowMs: 60_000,
    limit,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    validate: { xForwardedForHeader: false, forwardedHeader: false }, // callers may send these: TRUST_PROXY decides
    handler: (_req, _res, next) => {
      next(new Failure('rate-limited'))
    },
  })
}
