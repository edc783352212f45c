import type { RequestHandler } from 'express'
import { Failure } from '../failure'
import type { Log } from '../log'
import type { System } from '../system'
import { sendProblem } from '../http/response'
import type { ConcurrencyLimit } from './concurrency-limit'
import type { HttpMetrics } from './http-metrics'
import type { ProblemTypes } from '../http/problem-types'
import { assignRequestId } from './request-log'
import type { Route } from '../http/route'

const logEveryMs = 1_000

interface Options {
  routes: readonly Route[]
  inFlight: ConcurrencyLimit
  isStopping: () => boolean
  types: ProblemTypes
  metrics: HttpMetrics
  system: Pick<System, 'monotonic' | 'newId'>
  log: Log
}

/**
 * Refuses a request early that would be refused a little later, because too many are in flight. At three times its capacity
 * a service spends most of its time on refusals, so these are counted, and logged in one line a second. A route with
 * parameters is handled normally.
 */
export function shedLoad({ routes, inFlight, isStopping, types, metrics, system, log }: Options): RequestHandler {
  const fixed = routes.filter(({ always, path }) => !always && !path.includes(':'))
  const found = new Map(fixed.map(({ method, path }) => [`${method.toUpperCase()} ${path}`, path]))
  const overloaded = new Failure('overloaded') // one for all: to make one costs as much as the rest
  let unlogged = 0
  let loggedAt = -Infinity
  return (req, res, next) => {
    inFlight.observeTurn()
    const path = inFlight.isFull && !isStopping() ? found.get(`${req.method} ${req.url}`) : undefined
    if (path === undefined) {
      next()
      return
    }
    res.locals.route = path
    assignRequestId(req, res, system)
    sendProblem(res, overloaded, types)
    metrics.shed()
    unlogged += 1
    const now = system.monotonic()
    if (now - loggedAt < logEveryMs) return
    log.warn({ requests: unlogged }, 'load shed')
    unlogged = 0
    loggedAt = now
  }
}
