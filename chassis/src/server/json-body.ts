import express, { type RequestHandler, type Response } from 'express'
import type { ConcurrencyLimit } from './concurrency-limit'
import { parseJson } from './parse-json'

const jsonType = /^application\/(?:[\w!#$&^.+-]+\+)?json[\t ]*(?:;|$)/i
const foreignCharset = /;[\t ]*charset[\t ]*=(?![\t ]*"?utf-?8"?[\t ]*(?:;|$))/i

// Express's own JSON parser replaces bytes that are not UTF-8, and takes an empty body for `{}`.
const readBytes: RequestHandler = express.raw({ limit: '16kb', inflate: false, type: () => true })

/** Whether a Content-Type is JSON, with a suffix or without (RFC 6839), in UTF-8. */
export function isJson(contentType = ''): boolean {
  return jsonType.test(contentType) && !foreignCharset.test(contentType)
}

/**
 * Reads the body. Until that is there whole the request has no place among those in flight, as a few that come slowly
 * would keep all others out; then it takes one again, or is told `overloaded` where there is none left.
 */
export function jsonBody(inFlight: ConcurrencyLimit): RequestHandler {
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
        if (left) acquireSlot(res, inFlight)
        req.body = parseJson(req.body as Buffer | undefined) // what readBytes leaves there
      } catch (failure) {
        next(failure)
        return
      }
      next()
    })
  }
}

/** Takes a place among those in flight. Throws `overloaded`. */
export function acquireSlot(res: Response, inFlight: ConcurrencyLimit): void {
  res.locals.leave = inFlight.acquire(res)
}

/** Gives the place back, where the request has one. */
export function releaseSlot(res: Response): void {
  ;(res.locals.leave as (() => void) | undefined)?.() // set by enter
}
