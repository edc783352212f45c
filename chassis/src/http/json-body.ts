import express, { type RequestHandler, type Response } from 'express'
import { Failure } from '../failure'
import type { InFlight } from './in-flight'

// Without the check of its own, the parser would take no body, said to be of length 0, for `{}`.
const parseJson: RequestHandler = express.json({ limit: '16kb', inflate: false, type: () => true, verify: refuseEmpty })

/**
 * Reads the body. Until that is there whole the request has no place among those in flight, as a few that come slowly
 * would keep all others out; then it takes one again, or is told `overloaded` where there is none left.
 */
export function jsonBody(inFlight: InFlight): RequestHandler {
  return (req, res, next) => {
    let left = false
    setImmediate(() => {
      left = !req.complete
      if (left) leave(res)
    })
    parseJson(req, res, (error: unknown) => {
      try {
        if (left && error === undefined) enter(res, inFlight)
      } catch (overloaded) {
        next(overloaded)
        return
      }
      next(error)
    })
  }
}

/** Takes a place among those in flight. Throws `overloaded`. */
export function enter(res: Response, inFlight: InFlight): void {
  res.locals.leave = inFlight.admit(res)
}

/** Gives the place back, where the request has one. */
export function leave(res: Response): void {
  ;(res.locals.leave as (() => void) | undefined)?.() // set by enter
}

function refuseEmpty(_req: unknown, _res: unknown, body: Buffer): void {
  if (body.length === 0) throw new Failure('invalid-request', { errors: [{ pointer: '', detail: 'is required' }] })
}
