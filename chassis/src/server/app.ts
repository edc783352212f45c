import querystring, { type ParsedUrlQuery } from 'node:querystring'
import express, { type Express, type NextFunction, type Request, type RequestHandler, type Response } from 'express'
import type { Registry } from 'prom-client'
import type { Authenticator } from '../auth/authenticator'
import type { Caller } from '../http/caller'
import { identify, type OwnCredential } from '../auth/identify'
import { isUnavailable } from '../database/unavailable'
import { Failure } from '../failure'
import type { Log } from '../log'
import type { RecentLines } from '../recent-lines'
import { faultRoutes } from './fault-routes'
import type { Faults } from './faults'
import { httpMetrics } from './http-metrics'
import { injectFaults } from './inject-faults'
import type { System } from '../system'
import { send, sendProblem } from '../http/response'
import { clientAddress } from './client-address'
import { failureOf } from './framework-errors'
import { ConcurrencyLimit } from './concurrency-limit'
import { acquireSlot, isJson, jsonBody, releaseSlot } from './json-body'
import { allowOrigins, sendPreflight } from './cors'
import { refuseForeignPages } from './open-mode'
import { pathPrefix } from '../http/path-prefix'
import { noteMalformedPath, refuseMalformedPath } from './path-encoding'
import { refusePreconditions } from './preconditions'
import { commonProblemTypes, type ProblemTypes } from '../http/problem-types'
import { logLinesRoute } from './log-lines-route'
import { limitRate } from './rate-limit'
import { requestLog } from './request-log'
import type { Route } from '../http/route'
import { runRoute } from '../http/run-route'
import { serviceRoutes } from './service-routes'
import { shedLoad } from './load-shedding'
import { statusRoute, type StatusSources } from './status-route'
import { traceIdOf } from '../tracing/trace-context'
import { inScope, type Tracer } from '../tracing/tracing'
import { traceRequest } from './trace-request'
import { TrustedProxies, type LookUp } from './trusted-proxies'

interface Options {
  service: string
  version: string
  routes: readonly Route[]
  problemTypes: ProblemTypes
  authenticator: Authenticator
  ownCredential?: OwnCredential
  /** While true, every response asks the caller to close the connection. */
  isStopping: () => boolean
  maxInFlight: number
  /** The lowest value the limit can fall to while the CPU is busy; default 64. */
  minInFlight?: number
  /** Per client address, or per caller; 0 means no limit. */
  rateLimitPerMinute: number
  /** Extra `Host` names that open mode accepts. */
  allowedHosts?: readonly string[]
  /** The origins of other web pages that may call. */
  corsOrigins?: readonly string[]
  /** The number of trusted proxies in front (X-Forwarded-*). */
  trustProxy: number
  /** The host names or addresses that the last of them can have; by default any. */
  trustedProxies?: readonly string[]
  lookUp?: LookUp
  /** Whether the log names the addresses of clients; by default it does. */
  logClientAddress?: boolean
  /** What GET /status shows beside what the app knows itself; without it there is no such route. */
  status?: StatusSources
  /** With CHAOS=on: faults that an administrator can switch on, what ends the process, and the last lines of the log. */
  chaos?: { faults: Faults; crash: () => void; recentLines?: RecentLines | undefined } | undefined
  /** Without it, the trace of a caller is only passed on. */
  tracer?: Tracer | undefined
  registry: Registry
  system: System
  log: Log
}

/**
 * Order of checks: route, overload, rate limit of the address, token, scope, rate limit of the caller, body and
 * parameters, then the handler. Every error is problem+json.
 */
export function createApp(options: Options): Express {
  const { isStopping, status, chaos, registry, system, log } = options
  const types = { ...commonProblemTypes, ...options.problemTypes }
  const inFlight = new ConcurrencyLimit({ max: options.maxInFlight, min: options.minInFlight ?? 64 })
  const metrics = httpMetrics(registry, inFlight)
  const perMinute = options.rateLimitPerMinute
  const limits = {
    address: limitRate({ perMinute, clientOf: clientAddress, system }),
    caller: limitRate({ perMinute, clientOf: (_req, res) => callerOf(res).id, system }),
  }
  const proxies = new TrustedProxies({ ...options, count: options.trustProxy, names: options.trustedProxies ?? [] })
  const app = express()
  app.disable('x-powered-by').disable('etag').enable('case sensitive routing').enable('strict routing')
  app.set('query parser', parseQuery).set('trust proxy', proxies.isTrusted)
  if (options.trustProxy > 0 && options.trustedProxies?.length) app.use(proxies.identify)
  const routes = [
    ...options.routes,
    ...(status ? [statusRoute({ ...options, ...status, inFlight, faults: chaos?.faults })] : []),
    ...(chaos ? faultRoutes({ ...chaos, log }) : []),
    ...(chaos?.recentLines ? [logLinesRoute(chaos.recentLines)] : []),
  ]
  const all = [...routes, ...serviceRoutes({ ...options, routes, types })]
  const { corsOrigins = [] } = options
  if (corsOrigins.length > 0) app.use(allowOrigins(corsOrigins))
  app.use(shedLoad({ routes: all, inFlight, isStopping, types, metrics, system, log }))
  app.use(requestLog({ ...options, metrics }))
  app.use(noteMalformedPath)
  if (corsOrigins.length > 0) app.use(sendPreflight(corsOrigins))

  for (const [path, methods] of byPath(all)) {
    const mounted = app.route(path)
    for (const route of methods) {
      const limit = (by: keyof typeof limits) => (route.rateLimited === by && limits[by] ? [limits[by]] : [])
      const { letIn: authenticate, work } = handlers(route, options, inFlight)
      const { hold, strike } = injectFaults(route, { faults: chaos?.faults, isStopping })
      const first = [traceRequest(route, options.tracer), ...hold, admit(route, inFlight), ...strike]
      mounted[route.method](...first, ...limit('address'), authenticate, ...limit('caller'), ...work)
    }
    const allow = methods
      .flatMap(({ method }) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]))
      .join(', ')
    mounted.all((_req, res) => {
      res.setHeader('Allow', allow)
      throw new Failure('method-not-allowed')
    })
  }
  app.use(() => {
    throw new Failure('not-found')
  })
  app.use((error: unknown, _req: Request, res: Response, next: NextFunction) => {
    const found = failureOf(error)
    const failure = Object.hasOwn(types, found.code) ? found : new Failure('internal', { cause: error })
    if (failure.code === 'internal' || isUnavailable(failure.cause))
      log.error({ requestId: res.locals.requestId, ...traceIdIn(res), err: error }, 'request failed')
    res.locals.reason = failure.reason ?? failure.code
    if (failure.code === 'overloaded') metrics.shed()
    if (res.headersSent) next(error)
    else sendProblem(res, failure, types)
  })
  // In place of Express's own, which sends HTML. Nothing more can be said here.
  app.use((error: unknown, _req: Request, res: Response, _next: NextFunction) => {
    log.error({ requestId: res.locals.requestId, ...traceIdIn(res), err: error }, 'response cut off')
    res.destroy()
  })
  return app
}

const nobody: Caller = { id: 'nobody', scopes: [] }

function admit(route: Route, inFlight: ConcurrencyLimit): RequestHandler {
  return (_req, res, next) => {
    res.locals.route = route.path
    if (route.who !== 'anyone') res.setHeader('Cache-Control', 'no-store')
    if (!route.always) acquireSlot(res, inFlight)
    refuseMalformedPath(res)
    next()
  }
}

function handlers(
  route: Route,
  { service, authenticator, ownCredential, allowedHosts = [], corsOrigins = [] }: Options,
  inFlight: ConcurrencyLimit,
) {
  const { who } = route
  const findCaller = who === 'anyone' ? () => nobody : identify(who, { authenticator, ownCredential })
  const letIn = async (req: Request, res: Response, next: NextFunction) => {
    const caller = await findCaller(req.headers.authorization)
    if (caller !== nobody) res.locals.caller = caller
    if (authenticator.isOpen && !route.anyOrigin) refuseForeignPages(req, [service, ...allowedHosts], corsOrigins)
    if (who !== 'anyone' && !caller.scopes.some((scope) => who.includes(scope)))
      throw new Failure('forbidden', { reason: 'wrong-scope' })
    if (route.body && !isJson(req.headers['content-type'])) throw new Failure('unsupported-media-type')
    next()
  }
  const checkPreconditions = refusePreconditions(route)
  const handle = async (req: Request, res: Response) => {
    checkPreconditions(req.headers)
    const request = {
      params: req.params,
      query: req.query,
      headers: req.headers,
      body: req.body as unknown,
      caller: callerOf(res),
      requestId: res.locals.requestId,
      prefix: pathPrefix(res),
      signal: () => signalOf(res),
      releaseSlot: () => releaseSlot(res),
    }
    const answer = await inScope(res.locals.trace, () => runRoute(route, request))
    res.locals.isRoutine = answer.isRoutine
    res.locals.logged = answer.logged
    send(res, answer, route.mediaType)
  }
  return { letIn, work: route.body ? [jsonBody(route.always ? undefined : inFlight), handle] : [handle] }
}

function signalOf(res: Response): AbortSignal {
  if (res.closed) return AbortSignal.abort()
  const controller = new AbortController()
  res.once('close', () => controller.abort())
  return controller.signal
}

/** Errors come here from wherever they were thrown, so not within the trace. */
function traceIdIn({ locals: { trace } }: Response): { traceId?: string } {
  return trace ? { traceId: traceIdOf(trace.context) } : {}
}

function callerOf({ locals }: Response): Caller {
  return locals.caller ?? nobody
}

function byPath(routes: readonly Route[]): Map<string, Route[]> {
  return Map.groupBy(routes, ({ path }) => path)
}

/** By default querystring ignores keys after the first 1000. */
function parseQuery(query: string): ParsedUrlQuery {
  return querystring.parse(query, '&', '=', { maxKeys: 0 })
}
