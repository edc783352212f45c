import { rateLimit } from 'express-rate-limit'
import type { Request, RequestHandler, Response } from 'express'
import { Failure } from '../failure'
import type { System } from '../system'
import { RateWindows } from './rate-windows'

interface Options {
  /** 0 means no limit. */
  perMinute: number
  clientOf: (req: Request, res: Response) => string
  system: Pick<System, 'monotonic'>
}

/** Counts in this process; sends the header fields of the IETF draft 8. Returns undefined if there is no limit. */
export function limitRate({ perMinute, clientOf, system }: Options): RequestHandler | undefined {
  if (perMinute === 0) return undefined
  return rateLimit({
    windowMs: 60_000,
    limit: perMinute,
    keyGenerator: clientOf,
    store: new RateWindows(system),
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    validate: { keyGeneratorIpFallback: false }, // it checks that clientAddress reads `req.ip`, not the result
    handler: (_req, _res, next) => {
      next(new Failure('rate-limited'))
    },
  })
}
