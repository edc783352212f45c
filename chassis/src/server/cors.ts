import cors from 'cors'
import type { RequestHandler } from 'express'
import { noContent, send } from '../http/response'
import { responseHeaders } from '../http/response-headers'

/** Adds the headers of CORS for the pages of these origins: tokens come in a header, so cookies are never allowed. */
export function allowOrigins(origins: readonly string[]): RequestHandler {
  const allow = cors({
    origin: [...origins],
    exposedHeaders: Object.keys(responseHeaders),
    maxAge: 600,
    preflightContinue: true,
  })
  return (req, res, next) => {
    if (isOneOf(origins, req.headers.origin)) {
      allow(req, res, next)
      return
    }
    res.vary('Origin')
    next()
  }
}

/** Answers preflight requests from these origins. */
export function sendPreflight(origins: readonly string[]): RequestHandler {
  return (req, res, next) => {
    if (req.method === 'OPTIONS' && isOneOf(origins, req.headers.origin)) send(res, noContent)
    else next()
  }
}

function isOneOf(origins: readonly string[], origin: string | undefined): boolean {
  return origin !== undefined && origins.includes(origin)
}
