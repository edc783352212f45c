import type { RequestHandler } from 'express'
import { Counter, Gauge, type Registry } from 'prom-client'
import { Failure } from '../failure'
import type { Log } from '../log'
import type { System } from '../system'
import { sendProblem } from '../http/response'
import type { ConcurrencyLimit } from './concurrency-limit'
import type { ProblemTypes } from '../http/problem-types'
import { assignRequestId } from './request-log'
import type { Route } from '../http/route'

const logEveryMs = 1_000

interface Options {
  routes: readonly Route[]
  inFlight: ConcurrencyLimit
  isStopping: () => boolean
  types: ProblemTypes
  registry: Registry
  system: Pick<System, 'monotonic' | 'newId'>
  log: Log
}

/**
 * Refuses at the door what would be refused a little later, because too many requests are in flight. With three times the
 * requests that a service can answer it spends most of its time on those that it does not: they are counted, and told in
 * one line a second. What needs a closer look to find its route goes the common way.
 */
export function shedLoad({ routes, inFlight, isStopping, types, registry, system, log }: Options): RequestHandler {
  const shed = new Counter({
    name: 'http_requests_shed_total',
    help: 'Requests that were refused at the door, because too many were in flight',
    registers: [registry],
  })
  new Gauge({
    name: 'http_concurrency_limit',
    help: 'How many requests may be worked on at once: MAX_IN_FLIGHT, and fewer while the processor is busy',
    registers: [registry],
    collect() {
      this.set(inFlight.current)
    },
  })
  const fixed = routes.filter(({ always, path }) => !always && !path.includes(':'))
  const found = new Map(fixed.map(({ method, path }) => [`${method.toUpperCase()} ${path}`, path]))
  const overloaded = new Failure('overloaded') // one for all: to make one costs as much as the rest
  let untold = 0
  let toldAt = -Infinity
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
    shed.inc()
    untold += 1
    const now = system.monotonic()
    if (now - toldAt < logEveryMs) return
    log.warn({ requests: untold }, 'load shed')
    untold = 0
    toldAt = now
  }
}
