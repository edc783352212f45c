import type { RequestHandler, Response } from 'express'
import { Failure } from '../failure'

/** Lets a malformed path reach its route: Express would refuse it before 404, 405 and 503 are checked. */
export const noteMalformedPath: RequestHandler = (req, res, next) => {
  if (!isWellEncoded(req.path)) {
    res.locals.hasMalformedPath = true
    req.url = req.url.replaceAll('%', '%25')
  }
  next()
}

export function refuseMalformedPath(res: Response): void {
  if (!res.locals.hasMalformedPath) return
  throw new Failure('invalid-request', { errors: [{ pointer: '/path', detail: 'has invalid percent-encoding' }] })
}

/** Whether its percent-encoding can be decoded. */
export function isWellEncoded(part: string): boolean {
  try {
    decodeURIComponent(part)
    return true
  } catch {
    return false
  }
}
