import express, { type RequestHandler, type Response } from 'express'
import type { ConcurrencyLimit } from './concurrency-limit'
import { parseJson } from './parse-json'

const jsonType = /^application\/(?:[\w!#$&^.+-]+\+)?json[\t ]*(?:;|$)/i
const foreignCharset = /;[\t ]*charset[\t ]*=(?![\t ]*"?utf-?8"?[\t ]*(?:;|$))/i

// express.json() replaces bytes that are not UTF-8, and parses an empty body as `{}`.
export const readBytes: RequestHandler = express.raw({ limit: '16kb', inflate: false, type: () => true })

/** Accepts JSON in UTF-8, with a suffix or without (RFC 6839). */
export function isJson(contentType = ''): boolean {
  return jsonType.test(contentType) && !foreignCharset.test(contentType)
}

/**
 * A request holds no slot while its body is still arriving; otherwise a few slow senders would block everyone. Without
 * `inFlight` it never needs one.
 */
export function jsonBody(inFlight: ConcurrencyLimit | undefined): RequestHandler {
  return (req, res, next) => {
    let left = false
    setImmediate(() => {
      left = !req.complete
      if (left) releaseSlot(res)
    })
    readBytes(req, res, (error: unknown) => {
      if (error !== undefined) {
        next(error)
        return
      }
      try {
        if (left && inFlight) acquireSlot(res, inFlight)
        req.body = parseJson(req.body as Buffer | undefined) // what readBytes leaves there
      } catch (failure) {
        next(failure)
        return
      }
      next()
    })
  }
}

export function acquireSlot(res: Response, inFlight: ConcurrencyLimit): void {
  res.locals.leave = inFlight.acquire(res)
}

export function releaseSlot(res: Response): void {
  res.locals.leave?.()
}
