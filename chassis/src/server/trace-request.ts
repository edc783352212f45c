import type { RequestHandler } from 'express'
import type { Route } from '../http/route'
import { readTraceContext } from '../tracing/trace-context'
import type { Tracer } from '../tracing/tracing'

/** Continues the caller's trace, or begins one if there is a tracer: not for what is asked all the time. */
export function traceRequest(route: Route, tracer: Tracer | undefined): RequestHandler {
  const isTraced = tracer !== undefined && route.always === undefined && route.isPolled === undefined
  return (req, res, next) => {
    const parent = readTraceContext(req.headers)
    if (isTraced) {
      const attributes = { 'http.request.method': req.method, 'http.route': route.path }
      const span = tracer.start(`${req.method} ${route.path}`, { kind: 'server', attributes }, parent)
      res.locals.trace = { context: span.context, tracer }
      res.once('close', () => {
        span.set({ 'http.response.status_code': res.statusCode })
        if (!res.writableFinished) span.fail('aborted')
        else if (res.statusCode >= 500) span.fail(String(res.statusCode))
        span.end()
      })
    } else if (parent) {
      res.locals.trace = { context: parent }
    }
    next()
  }
}
