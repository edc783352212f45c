import type { NextFunction, Request, Response } from 'express'
import type { Log } from '../log'
import type { HttpMetrics } from './http-metrics'
import type { System } from '../system'
import { traceIdOf } from '../tracing/trace-context'
import { clientAddress } from './client-address'

interface Options {
  isStopping: () => boolean
  logClientAddress?: boolean
  metrics: HttpMetrics
  system: Pick<System, 'monotonic' | 'newId'>
  log: Log
}

/** Gives each request its id, and writes one line for each when it has ended. */
export function requestLog({ isStopping, logClientAddress = true, metrics, system, log }: Options) {
  return (req: Request, res: Response, next: NextFunction): void => {
    const began = system.monotonic()
    const requestId = assignRequestId(req, res, system)
    const client = logClientAddress && { client: clientAddress(req) } // now: a connection that is gone has none
    if (isStopping()) res.setHeader('Connection', 'close')
    res.on('close', () => {
      const { route = 'none', caller, reason, isRoutine, logged, trace } = res.locals
      const { method } = req
      const status = res.writableFinished ? res.statusCode : 'aborted'
      const ms = Math.round((system.monotonic() - began) * 10) / 10
      metrics.ended({ method, route, status, ms })
      const who = { ...client, ...(caller && { caller: caller.id }) }
      const traced = trace && { traceId: traceIdOf(trace.context) }
      const why = reason !== undefined && { reason }
      const line = { ...logged, requestId, ...traced, method, route, status, ms, ...why, ...who }
      log[isRoutine && res.writableFinished ? 'debug' : 'info'](line, 'request')
    })
    next()
  }
}

/** Gives the request the id that its caller gave it, or a new one, and tells it in the answer. */
export function assignRequestId(req: Request, res: Response, system: Pick<System, 'newId'>): string {
  const requestId = requestIdOf(req) ?? system.newId()
  res.locals.requestId = requestId
  res.setHeader('X-Request-Id', requestId)
  return requestId
}

function requestIdOf(req: Request): string | undefined {
  const given = req.headers['x-request-id']
  return typeof given === 'string' && /^[A-Za-z0-9._-]{1,128}$/.test(given) ? given : undefined
}
