import type { TraceScope } from '../tracing/tracing'
import type { Caller } from './caller'

// What `res.locals` holds while a request is served. It starts empty: only the request id, which the first middleware
// assigns, is always there.
declare module 'express-serve-static-core' {
  interface Locals {
    requestId: string
    /** The path of its route. */
    route?: string
    hasMalformedPath?: true
    /** Releases the slot. */
    leave?: () => void
    caller?: Caller
    /** Why it was refused. */
    reason?: string
    isRoutine?: true | undefined
    logged?: Record<string, unknown> | undefined
    trace?: TraceScope
  }
}
