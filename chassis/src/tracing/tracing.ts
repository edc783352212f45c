import { AsyncLocalStorage } from 'node:async_hooks'
import { traceIdOf, type TraceContext } from './trace-context'

export interface SpanOptions {
  kind: 'server' | 'client' | 'producer' | 'consumer' | 'internal'
  /** By OpenTelemetry's semantic conventions. Never what a person wrote, and no key or token. */
  attributes?: Record<string, string | number>
  /** What led to it, in other traces. */
  links?: readonly TraceContext[]
}

/** Something that takes time, within a trace. */
export interface Span {
  /** What its children belong to. */
  readonly context: TraceContext
  set(attributes: Record<string, string | number>): void
  fail(reason: string): void
  end(): void
}

/** Makes spans, and sends them somewhere. */
export interface Tracer {
  start(name: string, options: SpanOptions, parent: TraceContext | undefined): Span
  /** Sends what is left, and takes a second at most. */
  stop(): Promise<void>
}

/** What work belongs to; without a tracer, the context is only passed on. */
export interface TraceScope {
  context: TraceContext
  tracer?: Tracer | undefined
}

// Through everything that is awaited: else each function on the way to a log line or an event would have to pass it on.
const scopes = new AsyncLocalStorage<TraceScope | undefined>()

export function currentTrace(): TraceContext | undefined {
  return scopes.getStore()?.context
}

/** What a log line says of the trace that it belongs to; a new object, as the logger writes into it. */
export function traceFields(): { traceId?: string } {
  const scope = scopes.getStore()
  return scope ? { traceId: traceIdOf(scope.context) } : {}
}

export function inScope<T>(scope: TraceScope | undefined, work: () => T): T {
  return scope ? scopes.run(scope, work) : work()
}

/** The function, for the trace that is current now, or for none, wherever it is called. */
export function inCurrentScope<Args extends unknown[], T>(work: (...args: Args) => T): (...args: Args) => T {
  const scope = scopes.getStore()
  return (...args) => scopes.run(scope, () => work(...args))
}

/** Does the work in a span below the current one; without a tracer, just does it. */
export function inSpan<T>(name: string, options: SpanOptions, work: (span?: Span) => Promise<T>): Promise<T> {
  const scope = scopes.getStore()
  if (!scope?.tracer) return work()
  return within(scope.tracer, scope.tracer.start(name, options, scope.context), work)
}

/** As inSpan, below the given context, or in a trace of its own. */
export function inRootSpan<T>(
  tracer: Tracer | undefined,
  name: string,
  { parent, ...options }: SpanOptions & { parent?: TraceContext | undefined },
  work: () => Promise<T>,
): Promise<T> {
  if (!tracer) return inScope(parent && { context: parent }, work)
  return within(tracer, tracer.start(name, options, parent), work)
}

async function within<T>(tracer: Tracer, span: Span, work: (span: Span) => Promise<T>): Promise<T> {
  try {
    return await scopes.run({ context: span.context, tracer }, () => work(span))
  } catch (error) {
    span.fail(error instanceof Error ? error.name : 'error')
    throw error
  } finally {
    span.end()
  }
}
